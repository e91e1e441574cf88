using CloudPbx.Hosting.Memory;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Hosting.Tests.Memory;

public sealed class SpareMemoryTests
{
    [Fact]
    public async Task What_came_together_is_given_back_in_a_quiet_moment()
    {
        var time = new FakeTimeProvider();
        long allocated = 0;
        int before = GC.CollectionCount(GC.MaxGeneration);
        using SpareMemory memory = new(time, () => new HeapState(allocated, 0, 0, allocated));
        await memory.StartAsync(TestContext.Current.CancellationToken);
        allocated = QuietMoments.Worth;
        time.Advance(TimeSpan.FromSeconds(3));              // somebody works
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.True(GC.CollectionCount(GC.MaxGeneration) > before);
        await memory.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_process_that_knows_nothing_counts_all_that_it_allocated()
    {
        HeapState now = SpareMemory.AllMayBeGarbage();
        Assert.Equal((now.Allocated, 0L, 0L), (now.Left, now.Heap, now.Usual));
    }
}
