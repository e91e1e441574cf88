namespace CloudPbx.Data.Recordings;

/// <summary>What the object store has of a recording whose node could not say it: the node was killed, or its disk was full.</summary>
/// <param name="Length">Octets of the sealed audio.</param>
/// <param name="Sha256">Its SHA-256 in hexadecimal.</param>
/// <param name="DurationMilliseconds">How long it plays; null where it cannot be told.</param>
public sealed record StoredAudio(long Length, string Sha256, long? DurationMilliseconds);
