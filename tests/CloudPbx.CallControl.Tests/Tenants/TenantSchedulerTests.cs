using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Tests.Fakes;

namespace CloudPbx.CallControl.Tests.Tenants;

public class TenantSchedulerTests
{
    [Fact]
    public async Task Items_run_one_at_a_time_and_in_order()
    {
        TenantScheduler scheduler = new(_ => { });
        List<int> ran = [];
        int inside = 0;
        int most = 0;
        for (int i = 0; i < 500; i++)
        {
            int number = i;
            scheduler.Post(() =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                ran.Add(number);
                Interlocked.Decrement(ref inside);
            });
        }
        int count = await scheduler.RunAsync(() => ran.Count);
        Assert.Equal(500, count);
        Assert.Equal(Enumerable.Range(0, 500), ran);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task What_may_wait_lets_the_others_go_first_but_is_not_forgotten()
    {
        TenantScheduler scheduler = new(_ => { });
        List<string> ran = [];
        using ManualResetEventSlim open = new();
        scheduler.Post(() => open.Wait(TestContext.Current.CancellationToken));
        for (int i = 0; i < 40; i++)
        {
            scheduler.PostLater(name => ran.Add((string)name!), $"later {i}");
            scheduler.Post(name => ran.Add((string)name!), $"call {i}");
        }
        open.Set();
        await Patience.UntilAsync(async () => await scheduler.RunAsync(() => ran.Count) == 80);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"later {i}"), ran.Where(name => name.StartsWith("later", StringComparison.Ordinal)));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"call {i}"), ran.Where(name => name.StartsWith("call", StringComparison.Ordinal)));
        // While calls wait a turn of sixteen has one that may wait, its last.
        Assert.Equal(["call 12", "call 13", "later 0", "call 14"], ran[12..14].Concat(ran[14..16]));
        Assert.True(ran.IndexOf("call 39") < 44, string.Join(", ", ran));
    }

    [Fact]
    public async Task Every_part_of_asynchronous_work_runs_on_the_tenants_thread()
    {
        TenantScheduler scheduler = new(_ => { });
        bool stayed = await scheduler.RunAsync(async () =>
        {
            bool before = scheduler.IsCurrent;
            await Task.Run(() => Assert.False(scheduler.IsCurrent));
            TaskCompletionSource elsewhere = new(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.QueueUserWorkItem(_ => elsewhere.SetResult());
            await elsewhere.Task;
            return before && scheduler.IsCurrent;
        });
        Assert.True(stayed);
        Assert.False(scheduler.IsCurrent);
    }

    [Fact]
    public async Task The_first_task_to_end_is_found_in_the_tenants_own_order()
    {
        TenantScheduler scheduler = new(_ => { });
        TaskCompletionSource ends = new(TaskCreationOptions.RunContinuationsAsynchronously), never = new();
        Task<Task> first = await scheduler.RunAsync(() =>
        {
            Task<Task> found = scheduler.FirstOf(never.Task, ends.Task);
            ends.SetResult();
            return Task.FromResult(found);
        });
        // Whatever else the pool has to do: the tenant's next item comes after it.
        Assert.True(await scheduler.RunAsync(() => first.IsCompletedSuccessfully));
        Assert.Same(ends.Task, await first);
    }

    [Fact]
    public async Task What_throws_is_reported_and_the_tenant_lives_on()
    {
        List<string> faults = [];
        TenantScheduler scheduler = new(e => faults.Add(e.Message));
        scheduler.Post(() => throw new InvalidOperationException("now"));
        scheduler.Post(async () =>
        {
            await Task.Yield();
            throw new InvalidOperationException("later");
        });
        await Patience.UntilAsync(async () => await scheduler.RunAsync(() => faults.Count) == 2);
        Assert.Equal(["now", "later"], faults);
    }

    [Fact]
    public async Task The_posters_ambient_values_do_not_follow()
    {
        AsyncLocal<string?> ambient = new() { Value = "web request" };
        TenantScheduler scheduler = new(_ => { });
        string? seen = await scheduler.RunAsync(() => ambient.Value);
        Assert.Null(seen);
        Assert.Equal("web request", ambient.Value);
    }

#if DEBUG
    [Fact]
    public void Debug_builds_refuse_the_tenants_state_to_other_threads()
    {
        TenantScheduler scheduler = new(_ => { });
        Assert.Throws<InvalidOperationException>(() => scheduler.AssertCurrent());
    }
#endif

    [Fact]
    public async Task A_busy_tenant_does_not_starve_a_quiet_one()
    {
        TenantScheduler busy = new(_ => { });
        TenantScheduler quiet = new(_ => { });
        bool stop = false;
        void Again()
        {
            if (!Volatile.Read(ref stop))
                busy.Post(Again);
        }
        for (int i = 0; i < 64; i++)
            busy.Post(Again);
        try
        {
            Assert.Equal(7, await quiet.RunAsync(() => 7).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
        }
        finally
        {
            Volatile.Write(ref stop, true);
        }
    }
}
