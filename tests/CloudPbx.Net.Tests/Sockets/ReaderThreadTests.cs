using CloudPbx.Net.Sockets;

namespace CloudPbx.Net.Tests.Sockets;

public class ReaderThreadTests
{
    private static readonly AsyncLocal<string?> s_ambient = new();

    [Fact]
    public async Task The_starters_ambient_values_stay_behind()
    {
        s_ambient.Value = "mine";
        Assert.Null(await ReaderThread.RunAsync(() => Task.FromResult(s_ambient.Value)));
        Assert.Equal("mine", s_ambient.Value);
    }

    [Fact]
    public async Task Who_has_none_to_leave_behind_may_start_one()
    {
        Task<bool> running;
        using (ExecutionContext.SuppressFlow())
            running = ReaderThread.RunAsync(() => Task.FromResult(Thread.CurrentThread.IsThreadPoolThread));
        Assert.False(await running);
    }

    [Fact]
    public async Task Its_fault_is_the_starters() =>
        await Assert.ThrowsAsync<IOException>(() => ReaderThread.RunAsync(Task () => throw new IOException()));
}
