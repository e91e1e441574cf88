namespace CloudPbx.Rtp.Tests;

internal static class Mutations
{
    /// <summary>The octets cut at a random place, a few of them changed.</summary>
    public static byte[] Of(byte[] good, Random random)
    {
        byte[] mutant = good.AsSpan(0, random.Next(4) == 0 ? random.Next(good.Length + 1) : good.Length).ToArray();
        for (int i = random.Next(4); i > 0 && mutant.Length > 0; i--)
            mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
        return mutant;
    }
}
