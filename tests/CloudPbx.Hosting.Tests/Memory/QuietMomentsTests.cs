using CloudPbx.Hosting.Memory;

namespace CloudPbx.Hosting.Tests.Memory;

/// <summary>When a process gives memory back.</summary>
public sealed class QuietMomentsTests
{
    private const long Busy = QuietMoments.Idle, Grown = QuietMoments.Worth;

    private readonly QuietMoments _moments = new();

    [Fact]
    public void Nothing_is_done_while_somebody_works()
    {
        Assert.False(_moments.Look(new HeapState(Busy, Grown, 0, 0)));
        Assert.False(_moments.Look(new HeapState(2 * Busy, Grown, 0, 0)));
    }

    [Fact]
    public void What_came_together_is_given_back_once_hardly_anybody_asks_and_once_only()
    {
        Assert.False(_moments.Look(new HeapState(Busy, Grown, 0, 0)));
        Assert.True(_moments.Look(new HeapState(Busy + QuietMoments.Idle - 1, Grown, 0, 0)));
        _moments.Collected(new HeapState(2 * Busy, Grown - 1, 0, 0));
        Assert.False(_moments.Look(new HeapState(2 * Busy, Grown - 1, 0, 0)));
        Assert.True(_moments.Look(new HeapState(2 * Busy, 2 * Grown, 0, 0)));
    }

    [Fact]
    public void What_open_pages_or_calls_allocate_though_nobody_asks_is_quiet_all_the_same()
    {
        const long usual = 200 << 15, idle = QuietMoments.Idle + usual;
        Assert.True(_moments.Look(new HeapState(idle - 1, Grown, usual, 0)));
        Assert.False(_moments.Look(new HeapState(idle - 1 + idle, Grown, usual, 0)));
    }

    [Fact]
    public void A_little_is_not_worth_a_pause() => Assert.False(_moments.Look(new HeapState(0, Grown - 1, 0, 0)));

    [Fact]
    public void What_has_ended_leaves_memory_though_the_heap_does_not_grow()
    {
        _moments.Collected(new HeapState(0, Grown, 0, 100));
        Assert.False(_moments.Look(new HeapState(0, Grown, 0, 100 + QuietMoments.Worth - 1)));
        Assert.True(_moments.Look(new HeapState(0, Grown, 0, 100 + QuietMoments.Worth)));
        _moments.Collected(new HeapState(0, Grown, 0, 100 + QuietMoments.Worth));
        Assert.False(_moments.Look(new HeapState(0, Grown, 0, 100 + QuietMoments.Worth)));
    }

    [Fact]
    public void Where_all_may_be_garbage_what_was_allocated_since_counts()
    {
        const long before = 100 << 20;
        _moments.Collected(new HeapState(before, 0, 0, before));
        Assert.False(_moments.Look(new HeapState(before + Grown, 0, 0, before + Grown)));              // somebody works still
        Assert.True(_moments.Look(new HeapState(before + Grown, 0, 0, before + Grown)));
    }
}
