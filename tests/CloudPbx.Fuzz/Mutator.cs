namespace CloudPbx.Fuzz;

/// <summary>Plain mutation: cuts, changed octets, repeated and swapped pieces. Finds less than coverage does, but runs everywhere.</summary>
internal static class Mutator
{
    private const int RoundsInTurn = 10_000;

    /// <summary>Feeds the targets in turn.</summary>
    /// <param name="targets">The targets.</param>
    /// <param name="rounds">How many inputs each of them gets.</param>
    /// <returns>0, or 1 after the first input that makes a target throw; it is kept in a file.</returns>
    public static int Run(IReadOnlyList<FuzzTarget> targets, long rounds)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (long done = 0; done < rounds; done += RoundsInTurn)
        {
            foreach (FuzzTarget target in targets)
            {
                if (!Survives(target, Math.Min(RoundsInTurn, rounds - done), random))
                    return 1;
            }
        }
        Console.WriteLine($"{rounds} rounds each of {string.Join(", ", targets.Select(t => t.Name))}: nothing found (seed {seed})");
        return 0;
    }

    private static bool Survives(FuzzTarget target, long rounds, Random random)
    {
        byte[] mutant = [];
        try
        {
            for (long round = 0; round < rounds; round++)
            {
                mutant = target.Seeds[random.Next(target.Seeds.Length)];
                for (int i = random.Next(6); i >= 0; i--)
                    mutant = Mutate(mutant, random);
                target.Run(mutant);
            }
            return true;
        }
        catch (Exception found)
        {
            string file = $"crash-{target.Name}-{DateTime.UtcNow:yyyyMMddHHmmss}.bin";
            File.WriteAllBytes(file, mutant);
            Console.WriteLine($"{target.Name} threw; the input is in {file}: ./pbx fuzz {target.Name} {file}\n{found}");
            return false;
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
