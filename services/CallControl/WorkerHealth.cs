using CloudPbx.CallControl.Tenants;
using CloudPbx.State;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace CloudPbx.CallControl;

/// <summary>A worker is ready when its silo is a member, edges can reach it, and Redis and the media node can be reached. It says all that is missing at once.</summary>
/// <remarks>Unready is no verdict on its calls: with Redis away phones still register, and calls that talk go on.</remarks>
internal sealed class WorkerHealth(
    ISiloStatusOracle silo, RedisConnection redis, MediaReach media, WorkerIdentity worker, IOptions<CallControlOptions> options) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        List<string> missing = [];
        if (silo.CurrentStatus != SiloStatus.Active)
            missing.Add($"The silo is {silo.CurrentStatus}, not active.");
        if (options.Value.Listen is { Length: > 0 } && worker.Port == 0)
            missing.Add("The port for edges is not open yet.");
        if (!await redis.IsAliveAsync())
            missing.Add("Redis cannot be reached.");
        if (!media.IsReachable())
            missing.Add("No media node can be reached.");
        return missing.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join(' ', missing));
    }
}

/// <summary>Whether a media node can be reached: the only one, or any of the fleet.</summary>
internal sealed record MediaReach(Func<bool> IsReachable);
