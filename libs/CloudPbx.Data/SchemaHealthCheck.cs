using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CloudPbx.Data;

/// <summary>Unready, with a sentence, until the schema fits. Once it fitted it is not asked again: a database that goes away later does not stop calls.</summary>
internal sealed class SchemaHealthCheck(IDatabaseSchema schema, IDatabaseFaults faults) : IHealthCheck
{
    private volatile bool _fits;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_fits)
            return HealthCheckResult.Healthy();
        try
        {
            if (await schema.FindMismatchAsync(cancellationToken).ConfigureAwait(false) is { } mismatch)
                return HealthCheckResult.Unhealthy(mismatch);
            _fits = true;
            return HealthCheckResult.Healthy();
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return HealthCheckResult.Unhealthy("The database cannot be reached.");
        }
    }
}
