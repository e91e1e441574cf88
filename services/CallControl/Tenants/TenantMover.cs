using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Moves this worker's tenants to others, calls and all: it is about to stop, or drained.</summary>
internal sealed partial class TenantMover(
    TenantHost tenants, OtherSilos others, IGrainFactory grains, WorkerIdentity worker, IOptions<CallControlOptions> options, TimeProvider time, ILogger<TenantMover> logger)
{
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Moves them all, those that come meanwhile too, as long as there is somebody to take them. A tenant that cannot go now (the store or the other worker does not
    /// answer in time) stays as it is and is tried again: being slow ends no call.
    /// </summary>
    public async Task MoveAllAsync(CancellationToken cancel)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(options.Value.MoveSeconds), time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        // A few at a time: each is silent for as long as the next worker needs to start it.
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Value.MovesAtOnce, CancellationToken = either.Token };
        long answered = time.GetTimestamp();
        int told = 0;
        try
        {
            while (!tenants.IsEmpty && others.Targets.Count > 0)
            {
                TenantId[] all = [.. tenants.Present];
                if (all.Length != told)
                    LogMoving(told = all.Length);
                int stayed = 0;
                int waited = 0;
                await Parallel.ForEachAsync(all, parallel, async (tenant, stop) =>
                {
                    if (!await tenants.MayMoveAsync(tenant, stop))
                        Interlocked.Increment(ref waited);
                    else if (!await TryMoveAsync(tenant, stop))
                        Interlocked.Increment(ref stayed);
                });
                if (waited == 0)
                    answered = time.GetTimestamp();
                else if (worker.IsLeaving && time.GetElapsedTime(answered) >= TimeSpan.FromSeconds(options.Value.HandOverSeconds))
                    break;                                        // the process has to stop, with or without the store
                if (stayed + waited > 0)
                    await Task.Delay(s_again, time, either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Out of time.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(e);                                          // a bug of ours must not keep the process from ending its calls
        }
        if (tenants.Present is { Count: > 0 } left)
            LogNotMoved(left.Count);
    }

    /// <returns>False where the tenant is to be tried again.</returns>
    private async Task<bool> TryMoveAsync(TenantId tenant, CancellationToken stop)
    {
        try
        {
            Task gone = tenants.GoneAsync(tenant);
            ITenantGrain grain = grains.GetGrain<ITenantGrain>(tenant.ToString());
            await grain.LeaveAsync(worker.Id).WaitAsync(stop);
            if (others.Targets.Count > 0)
                await gone.WaitAsync(stop);
            return await LivesElsewhereAsync(grain, tenant, stop);
        }
        catch (Exception e) when (IsFault(e, stop))
        {
            LogTryingAgain(tenant.ToString(), e.Message);
            return false;
        }
    }

    // Its messages that wait here go back to their edges once it does, and this process may not end before: on a connection a phone says most things once.
    private async Task<bool> LivesElsewhereAsync(ITenantGrain grain, TenantId tenant, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                return (await grain.LocateAsync().WaitAsync(stop)).WorkerId != worker.Id;
            }
            catch (TenantUnavailableException)
            {
                return true;                                      // there is no such tenant any more, or its database is away: its next message wakes it
            }
            catch (Exception e) when (IsFault(e, stop))
            {
                LogTryingAgain(tenant.ToString(), e.Message);     // where it was to go has died
            }
            await Task.Delay(s_again, time, stop);
        }
    }

    private static bool IsFault(Exception e, CancellationToken stop) => e is not OutOfMemoryException && !stop.IsCancellationRequested;

    [LoggerMessage(LogLevel.Information, "{Count} tenants move to other workers")]
    private partial void LogMoving(int count);

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} has not moved yet: {Reason}")]
    private partial void LogTryingAgain(string tenantId, string reason);

    [LoggerMessage(LogLevel.Error, "Tenants could not be moved")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(LogLevel.Warning, "{Count} tenants did not move in time")]
    private partial void LogNotMoved(int count);
}
