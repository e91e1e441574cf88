using CloudPbx.Portal.Circuits;

namespace CloudPbx.Portal.Tests.Circuits;

/// <summary>When the portal gives memory back.</summary>
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
    public void Pages_that_only_stay_open_are_quiet_all_the_same()
    {
        const int pages = 200;
        const long idle = QuietMoments.Idle + (pages * QuietMoments.IdlePage);
        Assert.True(_moments.Look(new HeapState(idle - 1, Grown, pages, 0)));
        Assert.False(_moments.Look(new HeapState(idle - 1 + idle, Grown, pages, 0)));
    }

    [Fact]
    public void A_little_is_not_worth_a_pause() => Assert.False(_moments.Look(new HeapState(0, Grown - 1, 0, 0)));

    [Fact]
    public void Pages_that_are_closed_leave_memory_though_the_heap_does_not_grow()
    {
        const long few = (QuietMoments.Worth / QuietMoments.Page) - 1;
        _moments.Collected(new HeapState(0, Grown, 100, 10));
        Assert.False(_moments.Look(new HeapState(0, Grown, 100 - few, 10 + few)));
        Assert.True(_moments.Look(new HeapState(0, Grown, 99 - few, 11 + few)));
        _moments.Collected(new HeapState(0, Grown, 99 - few, 11 + few));
        Assert.False(_moments.Look(new HeapState(0, Grown, 99 - few, 11 + few)));
    }
}
