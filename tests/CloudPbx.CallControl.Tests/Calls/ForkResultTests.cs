using CloudPbx.CallControl.Calls;

namespace CloudPbx.CallControl.Tests.Calls;

public class ForkResultTests
{
    [Theory]
    [InlineData(new[] { 486, 486 }, 486)]
    [InlineData(new[] { 480, 486 }, 486)]          // busy says more than away
    [InlineData(new[] { 486, 603, 480 }, 603)]     // RFC 3261 §16.7 step 6: a 6xx first
    [InlineData(new[] { 500, 404 }, 404)]          // the lower class
    [InlineData(new[] { 401 }, 480)]               // our own conversation with the phone stays ours
    [InlineData(new[] { 407, 430, 408 }, 480)]
    [InlineData(new[] { 503 }, 500)]               // §16.7: never 503 upstream
    [InlineData(new[] { 302 }, 480)]
    [InlineData(new int[0], 480)]
    public void The_caller_gets_the_best_of_several_refusals(int[] statuses, int expected) =>
        Assert.Equal(expected, ForkResult.Choose(statuses));
}
