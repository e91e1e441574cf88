namespace CloudPbx.Sdp;

/// <summary>A stream besides the audio in a peer's offer that we could pass on.</summary>
/// <param name="Index">The place of its section.</param>
/// <param name="Words">How the peer speaks of it.</param>
/// <param name="Direction">What we would be allowed to do.</param>
/// <param name="RemoteKey">The peer's key; <see langword="null"/> in clear.</param>
/// <param name="IsBundled">Whether it shares the audio's transport, DTLS and ICE included (RFC 9143).</param>
public sealed record OfferedPassed(int Index, PassedWords Words, MediaDirection Direction, CryptoAttribute? RemoteKey, bool IsBundled = false);
