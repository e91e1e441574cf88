namespace CloudPbx.CallControl.Tests.Fakes;

/// <summary>How long a test waits for what must come: a safety net, not a measure. Nothing waits without it, so that a fault is told and never hangs.</summary>
internal static class Patience
{
    public static TimeSpan Limit { get; } = TimeSpan.FromSeconds(30);

    /// <summary>Looks again and again, letting others work in between.</summary>
    /// <exception cref="TimeoutException">It did not come true.</exception>
    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (!await isSo())
        {
            if (TimeProvider.System.GetElapsedTime(began) > Limit)
                throw new TimeoutException("What the test waited for did not come true.");
            await Task.Yield();
        }
    }

    /// <inheritdoc cref="UntilAsync(Func{Task{bool}})"/>
    public static Task UntilAsync(Func<bool> isSo) => UntilAsync(() => Task.FromResult(isSo()));
}
