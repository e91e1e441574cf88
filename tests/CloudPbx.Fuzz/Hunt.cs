using System.Diagnostics;
using System.Globalization;
using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Fuzz;

/// <summary>
/// Feeds targets with mutated seeds, in turn; the same seed makes the same inputs. Where coverage is measured, an input that went somewhere new becomes
/// a seed as well.
/// </summary>
/// <param name="Rounds">How many inputs each target gets.</param>
/// <param name="Length">After which time to stop.</param>
/// <param name="Seed">Where the random numbers begin.</param>
internal sealed record Hunt(long Rounds, TimeSpan Length, int Seed)
{
    private const int RoundsInTurn = 10_000;
    private int _learnt;

    /// <summary>Reads <c>[--rounds N] [--seconds N] [--seed S]</c>; without the first two it goes on until it finds something.</summary>
    public static Hunt? Parse(ReadOnlySpan<string> options)
    {
        Hunt hunt = new(long.MaxValue, TimeSpan.MaxValue, Environment.TickCount);
        for (; options.Length >= 2; options = options[2..])
        {
            if (options[0] == "--rounds" && long.TryParse(options[1], out long rounds))
                hunt = hunt with { Rounds = rounds };
            else if (options[0] == "--seconds" && double.TryParse(options[1], CultureInfo.InvariantCulture, out double seconds))
                hunt = hunt with { Length = TimeSpan.FromSeconds(seconds) };
            else if (options[0] == "--seed" && int.TryParse(options[1], out int seed))
                hunt = hunt with { Seed = seed };
            else
                return null;
        }
        return options.IsEmpty ? hunt : null;
    }

    /// <summary>Runs it.</summary>
    /// <returns>0, or 1 after the first input that makes a target throw; it is kept in a file.</returns>
    public int Run(IReadOnlyList<FuzzTarget> targets)
    {
        Mutator[] mutators = [.. targets.Select(target => new Mutator(target.Seeds, Seed, target.Phrases))];
        Coverage? coverage = Coverage.OfThisProcess;
        long start = Stopwatch.GetTimestamp(), done = 0;
        for (; done < Rounds && Stopwatch.GetElapsedTime(start) < Length; done += Math.Min(RoundsInTurn, Rounds - done))
            for (int i = 0; i < targets.Count; i++)
                if (!Survives(targets[i], mutators[i], coverage, Math.Min(RoundsInTurn, Rounds - done)))
                    return 1;
        string where = coverage is null ? "" : $", {coverage.Pairs} branches seen, {_learnt} inputs learnt";
        Console.WriteLine($"{done} rounds each of {string.Join(", ", targets.Select(t => t.Name))} in {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s: nothing found (seed {Seed}{where})");
        return 0;
    }

    private bool Survives(FuzzTarget target, Mutator mutator, Coverage? coverage, long rounds)
    {
        byte[] mutant = [];
        try
        {
            for (long round = 0; round < rounds; round++)
            {
                target.Run(mutant = mutator.Next());
                if (coverage?.IsNew() != true)
                    continue;
                mutator.Add(mutant);
                _learnt++;
            }
            return true;
        }
        catch (Exception fault)
        {
            string file = $"crash-{target.Name}-{Guid.NewGuid():N}.bin";
            File.WriteAllBytes(file, mutant);
            Console.WriteLine($"{target.Name} threw (seed {Seed}); its input is in {file}.\n{fault}");
            return false;
        }
    }
}
