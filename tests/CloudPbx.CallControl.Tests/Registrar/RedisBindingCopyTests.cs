using System.Collections.Concurrent;
using CloudPbx.CallControl.Registrar;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.State;
using CloudPbx.State.Bindings;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.CallControl.Tests.Registrar;

public class RedisBindingCopyTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new();
    private readonly BlockingCollection<Write> _writes = [];
    private readonly RedisBindingCopy _copy;

    public RedisBindingCopyTests() => _copy = new RedisBindingCopy(
        (changes, _) =>
        {
            Write write = new(changes);
            _writes.Add(write, CancellationToken.None);
            return write.Outcome.Task;
        },
        s_limit, _time);

    [Fact]
    public async Task What_changes_during_a_write_is_the_next_one_the_last_state_of_each_binding()
    {
        var tenant = TenantId.New();
        Task<StoreOutcome> first = _copy.SaveAsync(tenant, 1, [Binding("100", 1)], []);
        Write write = First();
        Task<StoreOutcome> second = _copy.SaveAsync(tenant, 1, [Binding("100", 2)], []);
        Task<StoreOutcome> third = _copy.SaveAsync(tenant, 1, [Binding("100", 3), Binding("101", 1)], []);
        Task<StoreOutcome> gone = _copy.SaveAsync(tenant, 1, [], [Binding("101", 1).Key]);
        write.Outcome.SetResult([StoreOutcome.Done]);
        Assert.Equal(StoreOutcome.Done, await Ended(first));
        Assert.False(second.IsCompleted);

        write = Next();
        BindingChanges changes = Assert.Single(write.Changes);
        Assert.Equal(3u, Assert.Single(changes.Save).CSeq);
        Assert.Equal(Binding("101", 1).Key, Assert.Single(changes.Remove));
        write.Outcome.SetResult([StoreOutcome.Done]);
        Assert.All(await Task.WhenAll(second, third, gone), outcome => Assert.Equal(StoreOutcome.Done, outcome));
    }

    [Fact]
    public async Task A_store_that_hangs_is_away_after_the_limit()
    {
        Task<StoreOutcome> waiting = _copy.SaveAsync(TenantId.New(), 1, [Binding("100", 1)], []);
        First();
        _time.Advance(s_limit - TimeSpan.FromMilliseconds(1));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(StoreOutcome.Away, await Ended(waiting));
    }

    [Fact]
    public async Task Whoever_waits_behind_a_write_that_hangs_waits_no_longer_than_the_limit()
    {
        var tenant = TenantId.New();
        _ = _copy.SaveAsync(tenant, 1, [Binding("100", 1)], []);
        First();
        Task<StoreOutcome> behind = _copy.SaveAsync(tenant, 1, [Binding("100", 2)], []);
        _time.Advance(s_limit);
        Assert.Equal(StoreOutcome.Away, await Ended(behind));
    }

    [Fact]
    public async Task Two_tenants_with_the_same_numbers_are_written_apart_and_each_is_told_of_its_own()
    {
        TenantId one = TenantId.New(), other = TenantId.New();
        _ = _copy.SaveAsync(one, 1, [Binding("100", 1)], []);
        First().Outcome.SetResult([StoreOutcome.Done]);
        Task<StoreOutcome> ones = _copy.SaveAsync(one, 1, [Binding("100", 7)], []), others = _copy.SaveAsync(other, 1, [Binding("100", 8)], []);
        Write write = Next();
        Assert.Equal([one, other], write.Changes.Select(changes => changes.Tenant));
        Assert.Equal([7u, 8u], write.Changes.Select(changes => Assert.Single(changes.Save).CSeq));
        write.Outcome.SetResult([StoreOutcome.Stale, StoreOutcome.Done]);
        Assert.Equal(StoreOutcome.Stale, await Ended(ones));
        Assert.Equal(StoreOutcome.Done, await Ended(others));
    }

    [Fact]
    public async Task A_bug_in_a_write_is_told_to_those_who_wait_for_it_and_the_next_one_is_written()
    {
        var tenant = TenantId.New();
        Task<StoreOutcome> waiting = _copy.SaveAsync(tenant, 1, [Binding("100", 1)], []);
        First().Outcome.SetException(new InvalidOperationException("a bug"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => Ended(waiting));
        Task<StoreOutcome> next = _copy.SaveAsync(tenant, 1, [Binding("100", 2)], []);
        Next().Outcome.SetResult([StoreOutcome.Done]);
        Assert.Equal(StoreOutcome.Done, await Ended(next));
    }

    [Fact]
    public async Task An_earlier_activation_is_refused_while_a_later_one_waits()
    {
        var tenant = TenantId.New();
        _ = _copy.SaveAsync(tenant, 1, [Binding("100", 1)], []);
        First();
        _ = _copy.SaveAsync(tenant, 2, [Binding("100", 2)], []);
        Assert.Equal(StoreOutcome.Stale, await Ended(_copy.SaveAsync(tenant, 1, [Binding("100", 3)], [])));
    }

    private Write First() => _writes.TryTake(out Write? write, Patience.Limit) ? write : throw new TimeoutException("Nothing was written.");

    // Between two writes the owner pauses: time goes on until the next one comes.
    private Write Next()
    {
        long until = Environment.TickCount64 + (long)Patience.Limit.TotalMilliseconds;
        Write? write;
        while (!_writes.TryTake(out write, millisecondsTimeout: 5) && Environment.TickCount64 < until)
            _time.Advance(TimeSpan.FromMilliseconds(1));
        return write ?? throw new TimeoutException("Nothing was written.");
    }

    private static async Task<StoreOutcome> Ended(Task<StoreOutcome> outcome) => await outcome.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);

    private static Binding Binding(string extension, uint cseq) => new()
    {
        Extension = extension,
        DeviceId = default,
        AuthUser = extension,
        ContactUri = $"sip:{extension}@192.0.2.1",
        CallId = "c",
        CSeq = cseq,
        ExpiresAt = DateTime.UnixEpoch,
        RegisteredAt = DateTime.UnixEpoch,
        FlowToken = "f",
        Transport = "udp",
        RemoteAddress = "192.0.2.1:5060",
    };

    private sealed record Write(IReadOnlyList<BindingChanges> Changes)
    {
        public TaskCompletionSource<IReadOnlyList<StoreOutcome>> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
