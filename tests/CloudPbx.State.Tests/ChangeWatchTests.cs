using CloudPbx.State.Tests.Stores;
using StackExchange.Redis;

namespace CloudPbx.State.Tests;

public sealed class ChangeWatchTests(GarnetStore store) : IClassFixture<GarnetStore>
{
    [Fact]
    public async Task A_watch_goes_on_after_what_the_client_library_cancelled()
    {
        TaskCompletionSource again = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int loads = 0;
        await using ChangeWatch watch = new(store.Connection, RedisChannel.Literal("test-" + Guid.NewGuid().ToString("N")), TimeSpan.FromMinutes(1), _ =>
        {
            if (++loads == 1)
                throw new TaskCanceledException();
            again.TrySetResult();
            return Task.FromResult(true);
        }, again.SetException);
        await again.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
