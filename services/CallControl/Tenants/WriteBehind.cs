using CloudPbx.Net.Timers;
using CloudPbx.State;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Writes what changes of a tenant behind it, so that nobody waits: one write at a time, and what changes until then or meanwhile is one write. While the store is away it is tried again.</summary>
/// <remarks>Used on the tenant's thread. What is to be written, and whether anything is, its owner knows.</remarks>
/// <param name="timers">The tenant's.</param>
/// <param name="gather">How long changes are gathered for.</param>
/// <param name="retry">How long after a write that found the store away the next one comes.</param>
/// <param name="isDirty">Whether anything is to be written.</param>
/// <param name="write">Writes all that is, and is dirty again where the store was away.</param>
/// <param name="failed">Told of a write that threw: a bug of ours must not keep the next ones from being written.</param>
internal sealed class WriteBehind(ITimers timers, TimeSpan gather, TimeSpan retry, Func<bool> isDirty, Func<Task<StoreOutcome>> write, Action<Exception> failed)
{
    private Task? _writing;
    private bool _isScheduled;

    /// <summary>Something has changed.</summary>
    public void Changed() => WriteWithin(gather);

    /// <summary>Completes when the write that is under way is over: the next one is the caller's.</summary>
    public Task WrittenAsync() => _writing ?? Task.CompletedTask;

    private void WriteWithin(TimeSpan time)
    {
        if (_isScheduled || _writing is not null)
            return;
        _isScheduled = true;
        timers.Schedule(time, static state => ((WriteBehind)state!).Write(), this);
    }

    private void Write()
    {
        _isScheduled = false;
        _writing ??= WriteAsync();
    }

    private async Task WriteAsync()
    {
        TimeSpan pause = gather;
        await Task.Yield();                                       // or it would be over before it is known to be under way
        try
        {
            if (await write() == StoreOutcome.Away)
                pause = retry;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            failed(e);
        }
        finally
        {
            _writing = null;
            if (isDirty())
                WriteWithin(pause);
        }
    }
}
