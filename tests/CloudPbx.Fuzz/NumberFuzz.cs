using System.Diagnostics;
using System.Text;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Fuzz;

/// <summary>Rewriting rules of tenants on numbers of strangers: neither may throw, take long or make a number grow without end. Lines: rules, the last one the number.</summary>
internal static class NumberFuzz
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(1);                 // far above what linear time takes, far below what back-tracking does

    internal static byte[][] Seeds { get; } =
        [.. new[] { "p\t00\t+\np\t0\t+49\n08922233344", "r\t(\\d{3})(\\d+)\t+1$1$2\n5551234567", "r\t(a|aa)+\t$1\n" + new string('a', 60) + "b", "p\t\t9\nr\t.*\t$0\n+4989", "r\t\\+?(?<cc>49|1)(?<rest>\\d*)\t${rest}x${cc}\n+49891" }
            .Select(Encoding.Latin1.GetBytes)];

    /// <summary>Pieces that expressions and replacements have stumbled over.</summary>
    internal static IReadOnlyList<byte[]> Phrases { get; } =
        [.. new[] { "(a+)+$", "(?:", "(?=", "\\1", "$0", "${x}", "$$", "[^", "{99999}", "{2,1}", "\\u", "\\p{L}", "(?i)", ")", "|", "\t", "\np\t", "\nr\t" }.Select(Encoding.Latin1.GetBytes)];

    internal static void Rewrite(ReadOnlySpan<byte> octets)
    {
        string[] lines = Encoding.Latin1.GetString(octets).Split('\n');
        List<NumberRewrite> rules = [];
        foreach (string[] cells in lines[..^1].Take(8).Select(line => line.Split('\t')).Where(cells => cells.Length == 3 && cells[1].Length <= 128 && cells[2].Length <= 64))
        {
            NumberRewrite rule = cells[0] == "p" ? new() { Prefix = cells[1], Replacement = cells[2] } : new() { Pattern = cells[1], Replacement = cells[2] };
            if (NumberRewriter.Check(rule) is null)
                rules.Add(rule);
        }
        long began = Stopwatch.GetTimestamp();
        int acted = 0;
        string number = lines[^1];
        string rewritten = new NumberRewriter(rules).Rewrite(number, (_, _) => acted++);
        if (acted > 2)
            throw new InvalidOperationException("A rule fed another of its kind.");
        if (number.Length > NumberRewriter.MaximumLength && rewritten != number)
            throw new InvalidOperationException("A number that is too long was rewritten.");
        // The replacement may name the whole number in each of its pieces, after a prefix of its own length was put before it.
        if (number.Length <= NumberRewriter.MaximumLength && rewritten.Length > (NumberRewriter.MaximumLength + 64) * 32 + 64)
            throw new InvalidOperationException("The number grew without end.");
        if (Stopwatch.GetElapsedTime(began) > s_longest)
            throw new InvalidOperationException("It took long.");
    }
}
