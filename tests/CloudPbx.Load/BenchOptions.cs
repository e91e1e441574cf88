using System.Globalization;

namespace CloudPbx.Load;

/// <summary>What the command line asks for.</summary>
internal sealed record BenchOptions
{
    /// <summary>Names of benches; empty: all.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>Where the results go as JSON; null: nowhere.</summary>
    public string? JsonFile { get; init; }

    /// <summary>Measured runs of each side; the result is their median.</summary>
    public int Runs { get; init; } = 3;

    /// <summary>How long one run is.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>How long each side is loaded before the first run: code is compiled, caches fill.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>Whether a side is loaded that long again and again, until that makes it no cheaper.</summary>
    public bool WarmUpUntilSteady { get; init; } = true;

    /// <summary>Units per second instead of the bench's own rate.</summary>
    public double? Rate { get; init; }

    /// <summary>Whether peers and floor are left out.</summary>
    public bool OursOnly { get; init; }

    /// <summary>How long the idle product is watched.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>By what the sizes of "portal" are divided: its lists and its open sessions.</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Whether "portal" measures its memory alone.</summary>
    public bool MemoryOnly { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <param name="arguments">As they were typed.</param>
    /// <param name="known">The names of benches.</param>
    /// <returns>The options, or null and what is wrong.</returns>
    public static (BenchOptions? Options, string? Fault) Parse(ReadOnlySpan<string> arguments, IReadOnlyList<string> known)
    {
        BenchOptions options = new();
        List<string> names = [];
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (argument == "--ours-only")
            {
                options = options with { OursOnly = true };
                continue;
            }
            if (argument == "--memory-only")
            {
                options = options with { MemoryOnly = true };
                continue;
            }
            if (!argument.StartsWith('-'))
            {
                if (!known.Contains(argument))
                    return (null, $"no bench is called '{argument}'; there are {string.Join(", ", known)}");
                names.Add(argument);
                continue;
            }
            if (i + 1 == arguments.Length)
                return (null, $"{argument} needs a value, or is no option");
            string value = arguments[++i];
            if (argument == "--json")
            {
                options = options with { JsonFile = value };
                continue;
            }
            if (!double.TryParse(value, CultureInfo.InvariantCulture, out double number) || number <= 0 || number > 1e6)
                return (null, $"{argument} needs a number, not '{value}'");
            switch (argument)
            {
                case "--runs" when number is >= 1 and <= 100: options = options with { Runs = (int)number }; break;
                case "--seconds" when number <= 600: options = options with { Time = TimeSpan.FromSeconds(number) }; break;
                case "--warm-up" when number <= 600: options = options with { WarmUp = TimeSpan.FromSeconds(number), WarmUpUntilSteady = false }; break;
                case "--rate": options = options with { Rate = number }; break;
                case "--idle-minutes" when number <= 120: options = options with { Idle = TimeSpan.FromMinutes(number) }; break;
                case "--scale" when number is >= 1 and <= 1000: options = options with { Scale = number }; break;
                default: return (null, $"{argument} {value}: no such option, or out of its range");
            }
        }
        return (options with { Names = names }, null);
    }
}
