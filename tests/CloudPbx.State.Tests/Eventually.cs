namespace CloudPbx.State.Tests;

/// <summary>Waits for what another connection to the store is to bring about, of which nothing is told here.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    /// <summary>Asks until it is so.</summary>
    /// <exception cref="OperationCanceledException">It did not come to that within the deadline.</exception>
    public static async Task IsSoAsync(Func<bool> condition)
    {
        using CancellationTokenSource deadline = new(s_deadline);
        while (!condition())
            await Task.Delay(10, deadline.Token);
    }
}
