using CloudPbx.Load;
using CloudPbx.Load.Benches;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Report;
using CloudPbx.Net.Sockets;

// Exit codes: 0 measured, 1 something went wrong, 2 wrong usage.
if (args is [Neighbour.Argument])
{
    Neighbour.Run();
    return 0;
}
string[] known = [.. AllBenches.List.Select(bench => bench.Name)];
if (args is ["--help" or "-h"])
{
    Console.WriteLine(
        $"""
        usage: ./pbx bench [NAME …] [OPTIONS]

        Runs the product and its peers on this machine, in turn on the same load, and says what a unit of work costs in processor time (user and
        system). What is measured has the first core for itself, the load generator and the stores have the others. Edge, worker and media are
        processes of their own; "ours" is their sum, everything else stands in the column "beside".

          --json FILE          also write the results as JSON
          --runs N             measured runs of each side, their median is the result (3)
          --seconds N          length of a run (8)
          --warm-up N          seconds of load before the first run (8, and 8 again as long as that makes a unit cheaper, 200 at most)
          --rate N             units per second instead of the bench's own rate
          --ours-only          leave the peers out
          --scale N            "portal" with an Nth of its lists and sessions (1)
          --memory-only        "portal" without anything but its memory
          --idle-minutes N     how long "memory" watches the idle product (1)

        benches (and "micro": BenchmarkDotNet over parser, forwarder, timers, SRTP; its options follow):
        {string.Join(Environment.NewLine, AllBenches.List.Select(bench => $"  {bench.Name,-14} {bench.Description}"))}
        """);
    return 0;
}
(BenchOptions? options, string? fault) = BenchOptions.Parse(args, known);
if (options is null)
{
    Console.Error.WriteLine($"bench: {fault}");
    return 2;
}
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
Cores.Arrange();
DescriptorLimit.Raise();
if (Environment.ProcessorCount < 2)
    Console.Error.WriteLine("bench: one core only; generator and subject share it, and the figures are worth little");
List<BenchResult> results = [];
bool complete = true;
foreach (IBench bench in AllBenches.List.Where(bench => options.Names.Count == 0 || options.Names.Contains(bench.Name)))
{
    try
    {
        results.AddRange(await bench.RunAsync(options, text => Console.Error.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {bench.Name}: {text}"), stop.Token));
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        complete = false;
        break;
    }
    catch (Exception e) when (e is InvalidOperationException or IOException or TimeoutException or HttpRequestException or TaskCanceledException)
    {
        Console.Error.WriteLine($"{bench.Name}: {e.Message}");
        complete = false;
    }
}
Console.WriteLine($"{Machine.Describe()}");
Console.WriteLine();
foreach (string line in ResultTable.Lines(results))
    Console.WriteLine(line);
if (options.JsonFile is { } file)
    await File.WriteAllTextAsync(file, ResultFile.Text(results) + Environment.NewLine);
return complete ? 0 : 1;
