using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Data;

/// <summary>Unready, with a sentence, until the schema fits.</summary>
internal sealed class SchemaHealthCheck(SchemaGate gate) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await gate.FindMismatchAsync(cancellationToken).ConfigureAwait(false) is { } mismatch ? HealthCheckResult.Unhealthy(mismatch) : HealthCheckResult.Healthy();
}
