namespace CloudPbx.Sdp;

/// <summary>What a leg brings for one stream that is passed on.</summary>
/// <param name="Port">Its own port, RTCP on the next one; or the audio's, where it shares that.</param>
/// <param name="Keys">Keys of its own for SDES, the preferred first: never those of the audio, since packets keep the parties' own numbers (RFC 3711 §9.1).</param>
public sealed record LocalPassed(int Port, IReadOnlyList<CryptoAttribute> Keys);
