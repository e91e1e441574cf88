using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>A clock that tells when somebody begins to wait for it: turned earlier, it would be turned for nobody.</summary>
internal sealed class TimerTellingTime : FakeTimeProvider, IDisposable
{
    private readonly SemaphoreSlim _timers = new(0);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Release();
        return timer;
    }

    public void Dispose() => _timers.Dispose();

    public async Task TimerAsync() => Assert.True(await _timers.WaitAsync(Patience.Limit, TestContext.Current.CancellationToken));
}
