using System.Collections.Concurrent;
using CloudPbx.CallControl.News;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Hosting.Web.Bus;
using Microsoft.Extensions.Logging.Abstractions;

namespace CloudPbx.CallControl.Tests.News;

public sealed class EventReporterTests : IDisposable, IFactPublisher
{
    private static readonly TimeSpan s_moment = TimeSpan.FromMilliseconds(200);

    private readonly TimerTellingTime _time = new();
    private readonly ConcurrentQueue<string> _published = new();
    private readonly SemaphoreSlim _told = new(0);
    private readonly TenantId _busy = TenantId.New(), _quiet = TenantId.New();

    [Fact]
    public async Task A_quiet_tenants_event_goes_at_once_and_a_busy_ones_go_once_a_second()
    {
        using EventReporter reporter = new(this, _time, NullLogger<EventReporter>.Instance);
        await reporter.StartAsync(CancellationToken.None);
        reporter.Happened(Event(_busy, "1"));
        Assert.Equal("1", await NextAsync(moments: 1));
        reporter.Happened(Event(_busy, "2"));
        reporter.Happened(Event(_quiet, "a"));
        Assert.Equal("a", await NextAsync(moments: 1));
        reporter.Happened(Event(_busy, "3"));
        Assert.Equal("2 3", await NextAsync(moments: 4));
        await reporter.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_answer_brings_the_calls_beginning_unless_that_is_in_the_same_message()
    {
        using EventReporter reporter = new(this, _time, NullLogger<EventReporter>.Instance);
        await reporter.StartAsync(CancellationToken.None);
        CallEnded one = Call(), other = Call();
        reporter.CallChanged(one);
        reporter.CallChanged(other);
        reporter.CallChanged(one with { AnsweredAt = DateTime.UnixEpoch });
        Assert.Equal("call.started call.started call.answered", await NextAsync(moments: 1));
        reporter.CallChanged(other with { AnsweredAt = DateTime.UnixEpoch });
        Assert.Equal("call.started call.answered", await NextAsync(moments: 5));
        await reporter.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task What_waits_when_the_worker_stops_is_told()
    {
        using EventReporter reporter = new(this, _time, NullLogger<EventReporter>.Instance);
        await reporter.StartAsync(CancellationToken.None);
        reporter.Happened(Event(_busy, "1"));
        await NextAsync(moments: 1);
        reporter.Happened(Event(_busy, "2"));
        await _time.TimerAsync();
        await reporter.StopAsync(CancellationToken.None).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        Assert.Equal("2", Assert.Single(_published));
    }

    public Task<bool> TryPublishAsync<T>(T fact, CancellationToken cancel)
        where T : class
    {
        _published.Enqueue(string.Join(' ', ((TenantEventsHappened)(object)fact).Events.Select(happened => happened.Type)));
        _told.Release();
        return Task.FromResult(true);
    }

    public void Dispose()
    {
        _told.Dispose();
        _time.Dispose();
    }

    private async Task<string> NextAsync(int moments)
    {
        for (int i = 0; i < moments; i++)
        {
            Assert.Empty(_published);
            await _time.TimerAsync();
            _time.Advance(s_moment);
        }
        Assert.True(await _told.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
        Assert.True(_published.TryDequeue(out string? types));
        return types;
    }

    private CallEnded Call() => new()
    {
        TenantId = _busy, CallId = CallId.New(), CallerNumber = "100", CalledNumber = "101", Disposition = CallDisposition.Answered, StartedAt = DateTime.UnixEpoch, EndedAt = DateTime.UnixEpoch,
    };

    private static TenantEvent Event(TenantId tenant, string type) => new() { TenantId = tenant, Id = Guid.CreateVersion7(), Type = type, At = DateTime.UnixEpoch, Data = "{}" };
}
