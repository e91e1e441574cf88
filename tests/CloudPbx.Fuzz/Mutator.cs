namespace CloudPbx.Fuzz;

/// <summary>Plain mutation: cuts, changed octets, repeated and swapped pieces. Finds less than coverage does, but runs everywhere.</summary>
internal static class Mutator
{
    public static void Run(FuzzTarget target, int rounds, int seed)
    {
        var random = new Random(seed);
        byte[] mutant = [];
        try
        {
            for (int round = 0; round < rounds; round++)
            {
                mutant = target.Seeds[random.Next(target.Seeds.Length)];
                for (int i = random.Next(6); i >= 0; i--)
                    mutant = Mutate(mutant, random);
                target.Run(mutant);
            }
        }
        catch (Exception e)
        {
            string file = $"crash-{target.Name}-{seed}.bin";
            File.WriteAllBytes(file, mutant);
            throw new InvalidOperationException($"{target.Name} threw; its input is in {file}.", e);
        }
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        int from = random.Next(good.Length + 1), to = random.Next(from, good.Length + 1);
        switch (random.Next(6))
        {
            case 0:
                return good[..from];
            case 1:
                return [.. good[..from], .. good[to..]];
            case 2:
                return good.Length > 4096 ? good : [.. good[..to], .. good[from..]];
            case 3:
                byte[] noise = new byte[random.Next(5)];
                random.NextBytes(noise);
                return [.. good[..from], .. noise, .. good[from..]];
            default:
                byte[] changed = [.. good];
                for (int i = random.Next(3); i >= 0 && changed.Length > 0; i--)
                    changed[random.Next(changed.Length)] ^= (byte)(1 << random.Next(8));
                return changed;
        }
    }
}
