namespace CloudPbx.Rtp.Security;

/// <summary>AES in counter mode under a key of 16 or 32 octets, with a 16-bit block counter in the last two octets (RFC 3711 §4.1.1).</summary>
internal abstract class AesCounterMode : IDisposable
{
    protected const int BlockLength = 16;

    /// <summary>Combines data with the key stream, in place; up to 2^16 blocks.</summary>
    /// <param name="data">Plain or encrypted octets.</param>
    /// <param name="counter">The first counter block; its last two octets are zero.</param>
    public abstract void Apply(Span<byte> data, ReadOnlySpan<byte> counter);

    public abstract void Dispose();
}
