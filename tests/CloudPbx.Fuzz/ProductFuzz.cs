using System.Diagnostics;
using System.Globalization;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Fuzzing;

namespace CloudPbx.Fuzz;

/// <summary>Starts the product as its user does, sends it hostile messages, and prints what happened.</summary>
internal static class ProductFuzz
{
    public const string Usage = "./pbx fuzz product [--messages N] [--seed S]";

    private const long DefaultMessages = 1_000_000;

    /// <returns>0, 1 when the product misbehaved, 2 for wrong usage.</returns>
    public static async Task<int> RunAsync(string[] options)
    {
        long messages = DefaultMessages;
        int seed = Environment.TickCount & 0xFFFFFF;
        for (ReadOnlySpan<string> rest = options; !rest.IsEmpty; rest = rest[2..])
        {
            if (rest.Length < 2 || !(rest[0] == "--messages" ? long.TryParse(rest[1], NumberStyles.None, null, out messages) : rest[0] == "--seed" && int.TryParse(rest[1], NumberStyles.None, null, out seed)))
            {
                Console.WriteLine($"usage: {Usage}");
                return 2;
            }
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            stop.Cancel();
        };
        await using RunningProduct pbx = await RunningProduct.StartAsync(["--log-level", "Warning"], stop.Token, ProductHunt.Settings);
        var hunt = new ProductHunt(pbx, seed);
        long start = Stopwatch.GetTimestamp();
        using var progress = new Timer(_ => Console.WriteLine($"{hunt.Report.Sent} of {messages} after {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s"), null, 30_000, 30_000);
        try
        {
            await hunt.RunAsync(messages, stop.Token);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            hunt.Report.Faults.Add($"the hunt ended: {fault}");
        }
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {Stopwatch.GetElapsedTime(start).TotalSeconds:F0} s"));
        Console.WriteLine(hunt.Report);
        bool misbehaved = hunt.Report.Faults.Count > 0 || hunt.Report.LostProbes.Count > 0 || hunt.Report.Disagreements.Count > 0;
        if (misbehaved)
            Console.WriteLine(pbx.Logs());
        return misbehaved ? 1 : 0;
    }
}
