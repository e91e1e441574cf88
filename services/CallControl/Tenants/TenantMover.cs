using CloudPbx.Contracts.Ids;
using CloudPbx.Grains;
using Microsoft.Extensions.Options;

namespace CloudPbx.CallControl.Tenants;

/// <summary>Moves this worker's tenants to others, calls and all: it is about to stop, or drained.</summary>
internal sealed partial class TenantMover(TenantHost tenants, OtherSilos others, IGrainFactory grains, IOptions<CallControlOptions> options, ILogger<TenantMover> logger)
{
    /// <summary>Moves them all, those that come meanwhile too, as long as there is somebody to take them.</summary>
    public async Task MoveAllAsync(CancellationToken cancel)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(options.Value.MoveSeconds));
        // A few at a time: each is silent for as long as the next worker needs to start it.
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = options.Value.MovesAtOnce, CancellationToken = limit.Token };
        try
        {
            while (tenants.All.Count > 0 && others.Targets.Count > 0)
            {
                TenantId[] all = [.. tenants.All.Select(runtime => runtime.Tenant)];
                LogMoving(all.Length);
                await Parallel.ForEachAsync(all, parallel, async (tenant, stop) =>
                {
                    await grains.GetGrain<ITenantGrain>(tenant.ToString()).LeaveAsync().WaitAsync(stop);
                    await tenants.GoneAsync(tenant).WaitAsync(stop);
                });
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogNotMoved(tenants.All.Count, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "{Count} tenants move to other workers")]
    private partial void LogMoving(int count);

    [LoggerMessage(LogLevel.Warning, "{Count} tenants did not move: {Reason}")]
    private partial void LogNotMoved(int count, string reason);
}
