using System.Collections.Concurrent;
using CloudPbx.CallControl.Accounting;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.TestKit.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tests.Accounting;

public sealed class CallEndedQueueTests : IDisposable, IFactPublisher
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "cloudpbx-spool-" + Guid.NewGuid().ToString("N"));
    private readonly TimerTellingTime _time = new();
    private readonly WorkerMetrics _metrics = new();
    private readonly ConcurrentQueue<CallId> _published = new();
    private readonly SemaphoreSlim _tried = new(0);
    private volatile bool _busIsAway;

    [Fact]
    public async Task A_confirmed_record_leaves_the_spool()
    {
        using CallEndedQueue queue = await StartAsync();
        CallEnded fact = Fact();
        queue.Append(fact, () => { });
        Assert.True(await _tried.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
        await queue.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Equal([fact.CallId], _published);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task While_the_bus_is_away_records_wait_and_are_published_in_order_when_it_is_back()
    {
        _busIsAway = true;
        using CallEndedQueue queue = await StartAsync();
        CallEnded[] facts = [Fact(), Fact(), Fact()];
        foreach (CallEnded fact in facts)
            queue.Append(fact, () => { });
        Assert.True(await _tried.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
        await TurnUntilAsync(() => Directory.GetFiles(_folder, "*.json").Sum(file => File.ReadAllLines(file).Length) == 3);
        _busIsAway = false;
        await TurnUntilAsync(() => _published.Count == facts.Length);
        await queue.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(facts.Select(fact => fact.CallId), _published);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task While_the_bus_is_away_for_long_memory_is_bounded_and_no_record_is_lost()
    {
        const int Count = CallEndedQueue.MostInMemory + 500;
        _busIsAway = true;
        using CallEndedQueue queue = await StartAsync();
        HashSet<CallId> all = [];
        int confirmed = 0;
        for (int i = 0; i < Count; i++)
        {
            CallEnded fact = Fact();
            all.Add(fact.CallId);
            queue.Append(fact, () => Interlocked.Increment(ref confirmed));
        }
        await TurnUntilAsync(() => Volatile.Read(ref confirmed) == 500);      // the spool alone has these: nobody else keeps them
        _busIsAway = false;
        await TurnUntilAsync(() => _published.Count >= Count);
        await queue.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Equal(all, _published.ToHashSet());
        Assert.Equal(Count, confirmed);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task What_an_earlier_life_left_is_published_by_the_next_one()
    {
        _busIsAway = true;
        CallEnded fact = Fact();
        using (CallEndedQueue before = await StartAsync())
        {
            before.Append(fact, () => { });
            await before.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        }
        Assert.Single(Directory.GetFiles(_folder, "*.json"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "0.json"), "{ damaged", TestContext.Current.CancellationToken);

        _busIsAway = false;
        using CallEndedQueue after = await StartAsync();
        await Patience.UntilAsync(() => !_published.IsEmpty);
        await after.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Equal([fact.CallId], _published);
        Assert.EndsWith("0.json.bad", Assert.Single(Directory.GetFiles(_folder)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_ends_within_a_moment_is_one_write_and_is_published_together()
    {
        using CallEndedQueue queue = await StartAsync();
        queue.Append(Fact(), () => { });
        await Patience.UntilAsync(() => _published.Count == 1);  // nothing was a moment ago: it does not wait
        await _time.TimerAsync();
        CallEnded[] facts = [Fact(), Fact()];
        foreach (CallEnded fact in facts)
            queue.Append(fact, () => { });
        Assert.Single(_published);
        _time.Advance(TimeSpan.FromMilliseconds(25));
        await Patience.UntilAsync(() => _published.Count == 3);
        await queue.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    public Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class
    {
        bool takes = !_busIsAway;                                // looked at once: the bus may come back meanwhile
        if (takes)
            _published.Enqueue(((CallEnded)(object)fact).CallId);
        _tried.Release();
        return Task.FromResult(takes);
    }

    [Fact]
    public async Task A_segment_that_cannot_be_read_is_counted_and_does_not_keep_those_behind_it()
    {
        CallEnded[] facts = [Fact(), Fact()];
        foreach (CallEnded fact in facts)
            using (CallEndedSpool dies = new(_folder))
                dies.AppendForLater(fact);
        string first = Directory.GetFiles(_folder).Single(path => File.ReadAllText(path).Contains(facts[0].CallId.ToString(), StringComparison.Ordinal));
        using TestMeters meters = new();
        using MeterReadings readings = new(WorkerMetrics.MeterName, meters);
        using WorkerMetrics metrics = new(meters);
        using (new FileStream(first, FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            using CallEndedQueue queue = await StartAsync(metrics);
            Assert.True(await _tried.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
            await queue.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        }
        Assert.Equal([facts[1].CallId], _published);
        Assert.Equal([first + ".unreadable"], Directory.GetFiles(_folder));
        Assert.Equal(1, readings.Value("cloudpbx.records.set_aside"));
    }

    public void Dispose()
    {
        _tried.Dispose();
        _time.Dispose();
        _metrics.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<CallEndedQueue> StartAsync(WorkerMetrics? metrics = null)
    {
        CallEndedQueue queue = new(this, Options.Create(new CallControlOptions { SpoolFolder = _folder }), _time, metrics ?? _metrics, NullLogger<CallEndedQueue>.Instance);
        await queue.StartAsync(CancellationToken.None);
        return queue;
    }

    // It waits between two writes, and between two tries.
    private Task TurnUntilAsync(Func<bool> isSo) => Patience.UntilAsync(() =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return isSo();
    });

    private static CallEnded Fact() => new()
    {
        TenantId = TenantId.New(),
        CallId = CallId.New(),
        CallerNumber = "100",
        CalledNumber = "101",
        Disposition = CallDisposition.Answered,
        StartedAt = DateTime.UnixEpoch,
        EndedAt = DateTime.UnixEpoch,
    };
}
