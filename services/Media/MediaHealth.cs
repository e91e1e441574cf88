using CloudPbx.Media.Sessions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Media;

/// <summary>The node is ready when its loops run and a port is free for anybody's leg.</summary>
internal sealed class MediaHealth(MediaNode node) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !node.IsRunning ? HealthCheckResult.Unhealthy("The packet loops do not run yet.")
        : node.PortPairsTaken >= node.LegCapacity ? HealthCheckResult.Unhealthy("Every RTP port is taken.")
        : HealthCheckResult.Healthy());
}
