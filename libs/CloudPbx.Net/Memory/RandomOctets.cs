using System.Security.Cryptography;

namespace CloudPbx.Net.Memory;

/// <summary>Secret random octets, for keys, SSRCs, tags, branches and nonces: each thread asks the cryptographic generator for many at once, since that takes as long for six as for hundreds.</summary>
/// <remarks>Thread-safe. What was given out is gone from the thread's memory.</remarks>
public static class RandomOctets
{
    private const int Supply = 512;

    [ThreadStatic] private static byte[]? t_supply;
    [ThreadStatic] private static int t_left;                     // at the supply's beginning

    /// <summary>Fills a few octets.</summary>
    /// <param name="octets">Takes them.</param>
    public static void Fill(Span<byte> octets)
    {
        if (octets.Length > Supply)
        {
            RandomNumberGenerator.Fill(octets);
            return;
        }
        byte[] supply = t_supply ??= new byte[Supply];
        if (t_left < octets.Length)
        {
            RandomNumberGenerator.Fill(supply);
            t_left = Supply;
        }
        t_left -= octets.Length;
        Span<byte> taken = supply.AsSpan(t_left, octets.Length);
        taken.CopyTo(octets);
        taken.Clear();
    }
}
