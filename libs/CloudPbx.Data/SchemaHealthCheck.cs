using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Data;

/// <summary>Unready, with a sentence, until the schema fits. A database that goes away later is told but makes nobody unready: calls still route, and reads may work again at once.</summary>
internal sealed class SchemaHealthCheck(SchemaGate gate, IDatabaseSchema schema, IDatabaseFaults faults, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (await gate.FindMismatchAsync(cancellationToken).ConfigureAwait(false) is { } mismatch)
            return HealthCheckResult.Unhealthy(mismatch);
        try
        {
            await schema.FindMismatchAsync(cancellationToken).WaitAsync(s_patience, time, cancellationToken).ConfigureAwait(false);
            return HealthCheckResult.Healthy();
        }
        catch (Exception fault) when (fault is TimeoutException || faults.IsAway(fault))
        {
            return HealthCheckResult.Degraded("The database cannot be reached.");
        }
    }
}
