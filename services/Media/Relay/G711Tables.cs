using CloudPbx.Audio.Codecs;

namespace CloudPbx.Media.Relay;

/// <summary>From one law of G.711 to the other, octet by octet (ITU-T G.711 §3.6, by way of linear samples).</summary>
internal static class G711Tables
{
    public static byte[] MuLawToALaw { get; } = Table(octet => G711.ToALaw(G711.FromMuLaw(octet)));

    public static byte[] ALawToMuLaw { get; } = Table(octet => G711.ToMuLaw(G711.FromALaw(octet)));

    private static byte[] Table(Func<byte, byte> map)
    {
        byte[] table = new byte[256];
        for (int octet = 0; octet < table.Length; octet++)
            table[octet] = map((byte)octet);
        return table;
    }
}
