using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Tests.Fakes;

namespace CloudPbx.CallControl.Tests.Tenants;

public class HeldTurnsTests
{
    [Fact]
    public async Task What_a_reader_posts_waits_for_the_end_of_its_read_and_the_last_tenant_runs_on_its_thread()
    {
        TenantScheduler first = new(_ => { }), last = new(_ => { });
        TaskCompletionSource firstRan = new(), lastRan = new();
        int reader = 0, ranOn = 0;
        Thread thread = new(() =>
        {
            reader = Environment.CurrentManagedThreadId;
            HeldTurns.Open();
            first.Post(firstRan.SetResult);
            last.Post(() =>
            {
                ranOn = Environment.CurrentManagedThreadId;
                lastRan.SetResult();
            });
            Assert.False(lastRan.Task.IsCompleted);
            HeldTurns.Run();
        });
        thread.Start();
        await Task.WhenAll(firstRan.Task, lastRan.Task).WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
        thread.Join();
        Assert.Equal(reader, ranOn);
    }

    [Fact]
    public async Task A_tenant_that_awaits_on_a_readers_thread_comes_back_on_the_pool()
    {
        TenantScheduler tenant = new(_ => { });
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously), done = new();
        Thread thread = new(() =>
        {
            HeldTurns.Open();
            tenant.Post(async () =>
            {
                await gate.Task;
                Assert.True(tenant.IsCurrent);
                done.SetResult();
            });
            HeldTurns.Run();
        });
        thread.Start();
        thread.Join();
        Assert.False(done.Task.IsCompleted);
        gate.SetResult();
        await done.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_turn_that_wakes_another_tenant_hands_it_to_the_pool()
    {
        TenantScheduler one = new(_ => { }), other = new(_ => { });
        TaskCompletionSource ran = new();
        Thread thread = new(() =>
        {
            HeldTurns.Open();
            one.Post(() => other.Post(ran.SetResult));
            HeldTurns.Run();
        });
        thread.Start();
        await ran.Task.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken);
    }
}
