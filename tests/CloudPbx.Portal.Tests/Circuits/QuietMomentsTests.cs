using CloudPbx.Portal.Circuits;

namespace CloudPbx.Portal.Tests.Circuits;

/// <summary>When the portal gives memory back.</summary>
public sealed class QuietMomentsTests
{
    private const long Much = QuietMoments.Worth + QuietMoments.Idle;

    private readonly QuietMoments _moments = new();

    [Fact]
    public void Nothing_is_done_while_somebody_works()
    {
        Assert.False(_moments.Look(Much, 0));
        Assert.False(_moments.Look(2 * Much, 0));
    }

    [Fact]
    public void What_was_left_behind_is_given_back_once_nobody_asks_any_more()
    {
        Assert.False(_moments.Look(Much, 0));
        Assert.True(_moments.Look(Much + QuietMoments.Idle - 1, 0));
        _moments.Collected(Much + QuietMoments.Idle, 0);
        Assert.False(_moments.Look(Much + QuietMoments.Idle, 0));
    }

    [Fact]
    public void A_little_is_not_worth_a_pause()
    {
        Assert.False(_moments.Look(QuietMoments.Worth - 1, 0));
        Assert.False(_moments.Look(QuietMoments.Worth - 1, 0));
    }

    [Fact]
    public void Pages_that_are_closed_leave_memory_though_nothing_is_allocated()
    {
        _moments.Collected(Much, 10);
        long few = (QuietMoments.Worth / QuietMoments.Page) - 1;
        Assert.False(_moments.Look(Much, 10 + few));
        Assert.True(_moments.Look(Much, 10 + few + 1));
        _moments.Collected(Much, 10 + few + 1);
        Assert.False(_moments.Look(Much, 10 + few + 1));
    }
}
