using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Listeners;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Edge;

/// <summary>The edge is ready when it listens, which it does once the directory is loaded, and a worker can be reached, and nobody drains it.</summary>
internal sealed class EdgeHealth(EdgeEndpoints endpoints, WorkerLinks links, MessageDispatcher dispatcher, EdgeDrain drain) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        !dispatcher.HasDirectory ? HealthCheckResult.Unhealthy("The directory is not loaded yet.")
        : !endpoints.Listening.IsCompletedSuccessfully ? HealthCheckResult.Unhealthy("The SIP ports are not open yet.")
        : !links.IsAnyUp ? HealthCheckResult.Unhealthy("No call control worker can be reached.")
        : drain.IsDraining ? HealthCheckResult.Unhealthy("The edge is drained: it takes no new connections.")
        : HealthCheckResult.Healthy());
}
