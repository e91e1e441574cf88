using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Threading.Channels;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Report;
using CloudPbx.Sip.Transport;
using CloudPbx.Softphone;
using CloudPbx.TestKit;

namespace CloudPbx.Load.Benches;

/// <summary>How soon a program learns by its event stream what phones do, and how soon phones' calls go by what a program has changed; on the product as <c>./pbx cluster</c> starts it.</summary>
internal sealed class Reactions
{
    private const string Caller = "100", Callee = "101";
    private const int Rounds = 10, Changes = 30, FirstNumber = 7000;
    private const int NotFound = 404;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly RunningCluster _cluster;
    private readonly Channel<(string Number, string State, long At)> _states = Channel.CreateUnbounded<(string, string, long)>();

    private Reactions(RunningCluster cluster) => _cluster = cluster;

    /// <summary>Starts the product and measures both.</summary>
    public static async Task<IReadOnlyList<BenchResult>> MeasureAsync(Action<string> progress, CancellationToken cancel)
    {
        progress("starting the cluster for live changes");
        await using RunningCluster cluster = await RunningCluster.StartAsync(["--workers", "1", "--set", "api.Logging:LogLevel:Default=Warning"], cancel);
        return await new Reactions(cluster).MeasureAllAsync(progress, cancel);
    }

    private async Task<IReadOnlyList<BenchResult>> MeasureAllAsync(Action<string> progress, CancellationToken cancel)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Task reading = ReadAsync(over.Token);
        await using Phone caller = await StartAsync(Caller, cancel), callee = await StartAsync(Callee, cancel);
        progress("api-live");
        List<double> live = [];
        for (int round = 0; round <= Rounds; round++)
        {
            IReadOnlyList<double> took = await LiveAsync(caller, callee, cancel);
            if (round > 0)                                        // the first one compiles
                live.AddRange(took);
        }
        progress("api-configuration");
        await caller.RegisterAsync();
        List<double> changes = [];
        for (int change = 0; change <= Changes; change++)
        {
            double took = await ChangeAsync(caller, (FirstNumber + change).ToString(CultureInfo.InvariantCulture), cancel);
            if (change > 0)
                changes.Add(took);
        }
        await over.CancelAsync();
        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return
        [
            new BenchResult("api-live", "ms from the SIP message until an event stream tells it, slowest", live.Max())
            {
                Goal = new Goal(300, GoalKind.AtMost), Note = string.Create(CultureInfo.InvariantCulture, $"{live.Count} changes: registering (with its challenge), ringing, answering, hanging up, going; median {Median.Of(live):0} ms"),
            },
            new BenchResult("api-configuration", "ms from the request until a call goes by what it changed, slowest", changes.Max())
            {
                Goal = new Goal(500, GoalKind.AtMost), Note = string.Create(CultureInfo.InvariantCulture, $"{changes.Count} new extensions, each dialled until it was known; median {Median.Of(changes):0} ms"),
            },
        ];
    }

    private async Task<IReadOnlyList<double>> LiveAsync(Phone caller, Phone callee, CancellationToken cancel)
    {
        List<double> took = [await UntilAsync(Caller, "idle", caller.RegisterAsync, cancel), await UntilAsync(Callee, "idle", callee.RegisterAsync, cancel)];
        PhoneCall? call = null;
        took.Add(await UntilAsync(Callee, "ringing", async () => call = await caller.DialAsync(Callee), cancel));
        PhoneCall atCallee = await callee.IncomingAsync(cancel);
        took.Add(await UntilAsync(Callee, "talking", atCallee.AnswerAsync, cancel));
        await call!.Answered;
        took.Add(await UntilAsync(Callee, "idle", atCallee.HangUpAsync, cancel));
        took.Add(await UntilAsync(Caller, "offline", caller.UnregisterAsync, cancel));
        took.Add(await UntilAsync(Callee, "offline", callee.UnregisterAsync, cancel));
        return took;
    }

    private async Task<double> UntilAsync(string number, string state, Func<Task> act, CancellationToken cancel)
    {
        while (_states.Reader.TryRead(out _))
        {
            // what was told before is another change's
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(s_patience);
        long begun = Stopwatch.GetTimestamp();
        Task done = act();
        while (true)
        {
            (string told, string how, long at) = await _states.Reader.ReadAsync(patience.Token);
            if (told != number || how != state)
                continue;
            await done;
            return Stopwatch.GetElapsedTime(begun, at).TotalMilliseconds;
        }
    }

    /// <summary>Makes an extension and dials it: until it is known the answer is 404.</summary>
    private async Task<double> ChangeAsync(Phone caller, string number, CancellationToken cancel)
    {
        long begun = Stopwatch.GetTimestamp();
        await _cluster.Api.PostAsync("tenants/acme/extensions", $$"""{"number":"{{number}}"}""", cancel);
        while (true)
        {
            long dialled = Stopwatch.GetTimestamp();
            CallEnd end = await (await caller.DialAsync(number)).Ended.WaitAsync(s_patience, cancel);
            if (end.StatusCode != NotFound)
                return Stopwatch.GetElapsedTime(begun, dialled).TotalMilliseconds;
            if (Stopwatch.GetElapsedTime(begun) > s_patience)
                throw new InvalidOperationException($"the new extension {number} is not known after {s_patience.TotalSeconds:0} s");
        }
    }

    private async Task ReadAsync(CancellationToken over)
    {
        await foreach ((string type, JsonElement data) in _cluster.Api.EventsAsync("tenants/acme/live", over))
        {
            long now = Stopwatch.GetTimestamp();
            if (type == "extension")
                Tell(data, now);
            else if (type == "snapshot")
                foreach (JsonElement extension in data.GetProperty("extensions").EnumerateArray())
                    Tell(extension, now);
        }
    }

    private void Tell(JsonElement extension, long at) => _states.Writer.TryWrite((extension.GetProperty("number").GetString()!, extension.GetProperty("state").GetString()!, at));

    private Task<Phone> StartAsync(string extension, CancellationToken cancel) => Phone.StartAsync(
        new PhoneOptions
        {
            Server = new IPEndPoint(IPAddress.Loopback, _cluster.SipPort), Transport = SipTransport.Udp, Domain = _cluster.Domain, User = extension, Password = _cluster.PasswordOf(extension), LocalAddress = IPAddress.Loopback,
        }, cancel);
}
