namespace CloudPbx.Rtp.Security;

/// <summary>The labels of a direction's keys (RFC 3711 §4.3.1, §4.3.2).</summary>
internal readonly record struct KeyLabels(byte Cipher, byte Authentication, byte Salt);

/// <summary>Session keys from the master key, key derivation rate 0 (RFC 3711 §4.3; RFC 6188 §3 for 256-bit keys).</summary>
internal static class KeyDerivation
{
    public static KeyLabels RtpLabels { get; } = new(0, 1, 2);

    public static KeyLabels RtcpLabels { get; } = new(3, 4, 5);

    /// <summary>
    /// RFC 3711 §4.3.1 and §4.3.3: key stream of the master key from the counter (label · 2^48 xor salt) · 2^16. A salt of 12 octets is taken for one of 14
    /// that ends in zeros (RFC 7714 §11).
    /// </summary>
    public static void Derive(AesCounterMode derivation, ReadOnlySpan<byte> masterSalt, byte label, Span<byte> output)
    {
        Span<byte> counter = stackalloc byte[16];
        counter.Clear();
        masterSalt.CopyTo(counter);
        counter[7] ^= label;
        output.Clear();
        derivation.Apply(output, counter);
    }
}
