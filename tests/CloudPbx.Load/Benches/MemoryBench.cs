using System.Globalization;
using CloudPbx.Load.Generators;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Peers;
using CloudPbx.Load.Product;
using CloudPbx.Load.Report;
using CloudPbx.Load.Sip;
using CloudPbx.Net.Sockets;
using CloudPbx.TestKit;

namespace CloudPbx.Load.Benches;

/// <summary>Resident memory: of an idle TLS phone, of a relayed call, of the idle product.</summary>
internal sealed class MemoryBench : IBench
{
    private const int Phones = 5000, FirstPhones = 250, AtOnce = 25, DescriptorsForOthers = 1000;
    private const int FewCalls = 50, ManyCalls = 750;
    private const double RelayRate = 1;                     // it follows from the calls
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(10), s_talking = TimeSpan.FromSeconds(5);

    public string Name => "memory";

    public string Description => "resident memory of an idle TLS phone (at 5,000), of a relayed, a transcoded, a recorded call, of the idle all-in-one; peer of the calls: rtpengine";

    public async Task<IReadOnlyList<BenchResult>> RunAsync(BenchOptions options, Action<string> progress, CancellationToken cancel) =>
    [
        await PhoneAsync(progress, cancel),
        await CallAsync("memory-call", "relayed", 40, new MediaTask(), hasPeer: true, options, progress, cancel),
        await CallAsync("memory-transcoded-call", "transcoded (G.722 and PCMA)", 120, new MediaTask { Caller = Voice.G722 }, hasPeer: true, options, progress, cancel),
        await CallAsync("memory-recorded-call", "recorded", 120, new MediaTask { IsRecorded = true }, hasPeer: false, options, progress, cancel),
        await IdleAsync(options, progress, cancel),
    ];

    private static async Task<BenchResult> PhoneAsync(Action<string> progress, CancellationToken cancel)
    {
        int phones = (int)Math.Min(Phones, DescriptorLimit.Raise() - DescriptorsForOthers);
        string note = phones < Phones ? $"the descriptor limit allows {phones} phones only; " : "";
        await using ClusterProduct product = await ClusterProduct.StartAsync(progress, cancel);
        int[] holders = [.. product.Subjects.Values];
        List<StreamPhone> open = [];
        try
        {
            await OpenAsync(product, open, FirstPhones, cancel);
            await Task.Delay(s_settling, cancel);
            long before = ProcessTree.ResidentKibibytes(holders);
            progress($"opening {phones} TLS connections, one registered phone each");
            int refused = await OpenAsync(product, open, phones, cancel);
            await Task.Delay(s_settling, cancel);
            long after = ProcessTree.ResidentKibibytes(holders);
            if (refused > 0)
                note += $"{refused} were not registered; ";
            return new BenchResult("memory-tls-phone", "KiB per registered idle TLS phone", (after - before) / (double)(open.Count - FirstPhones))
            {
                Goal = new Goal(56, GoalKind.AtMost),
                Note = string.Create(CultureInfo.InvariantCulture, $"{note}edge, worker and media, from {FirstPhones} to {open.Count} phones; {after / 1024} MiB in all"),
            };
        }
        finally
        {
            open.ForEach(phone => phone.Dispose());
        }
    }

    private static async Task<int> OpenAsync(ClusterProduct product, List<StreamPhone> open, int wanted, CancellationToken cancel)
    {
        int refused = 0;
        while (open.Count < wanted)
        {
            cancel.ThrowIfCancellationRequested();
            int first = open.Count;
            StreamPhone[] more = await Task.WhenAll(Enumerable.Range(first, Math.Min(AtOnce, wanted - first)).Select(user =>
                StreamPhone.OpenAsync(product.TlsPort, Phonebook.DomainOf(user), [new LoadUser(user % Phonebook.Users)], (uint)user << 8)));
            open.AddRange(more);
            refused += (await Task.WhenAll(more.Select(phone => Task.Run(phone.Register, cancel)))).Count(status => status != 200);
        }
        return refused;
    }

    private static async Task<BenchResult> CallAsync(
        string name, string what, double goal, MediaTask task, bool hasPeer, BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        progress($"{FewCalls} and {ManyCalls} {what} calls");
        double ours = await PerCallAsync(async calls => await MediaAlone.StartAsync(calls, cancel, task));
        double? peer = options.OursOnly || !hasPeer ? null : await PerCallAsync(async calls => await Rtpengine.StartAsync(calls, cancel, task));
        return new BenchResult(name, $"KiB per {what} call", ours)
        {
            Peer = peer, PeerName = peer is null ? null : "rtpengine", Goal = new Goal(goal, GoalKind.AtMost), Note = $"media node, {ManyCalls} calls less {FewCalls}",
        };
    }

    // The difference of two processes, so that what compiling and the first call cost does not count.
    private static async Task<double> PerCallAsync(Func<int, Task<ISubject>> start)
    {
        List<long> resident = [];
        foreach (int calls in new[] { FewCalls, ManyCalls })
        {
            await using ISubject subject = await start(calls);
            await subject.LoadAsync(RelayRate, s_talking);
            resident.Add(ProcessTree.ResidentKibibytes(subject.Processes));
        }
        return (resident[1] - resident[0]) / (double)(ManyCalls - FewCalls);
    }

    private static async Task<BenchResult> IdleAsync(BenchOptions options, Action<string> progress, CancellationToken cancel)
    {
        // As ./pbx run starts it.
        await using RunningProduct product = await RunningProduct.StartAsync(
            [], cancel, new Dictionary<string, string?> { ["DOTNET_GCgen0size"] = "1000000", ["MALLOC_ARENA_MAX"] = "2" });
        progress(string.Create(CultureInfo.InvariantCulture, $"all-in-one idles for {options.Idle.TotalMinutes:0.#} minutes"));
        await Task.Delay(options.Idle, cancel);
        int[] processes = [product.Process.Id, product.MediaProcessId];
        return new BenchResult("memory-all-in-one", "MiB of the idle all-in-one", ProcessTree.OccupiedKibibytes(processes) / 1024.0)
        {
            Goal = new Goal(350, GoalKind.AtMost), Note = string.Create(CultureInfo.InvariantCulture, $"parent and child, what both map counted once, {options.Idle.TotalMinutes:0.#} minutes after the start"),
        };
    }
}
