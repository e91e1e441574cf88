using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Facts;

namespace CloudPbx.Data.EventLog;

/// <summary>Writes events that happened outside a change of configuration, each once.</summary>
/// <remarks>Thread-safe; singleton.</remarks>
public sealed class EventLogWriter(IFactWriter facts)
{
    private const int LargestBatch = 200;                         // rows of one transaction: other writers of the tenant wait for it

    /// <summary>Appends events; those that are there already are left out, and those of a deleted tenant.</summary>
    /// <param name="events">The events, those of one tenant in their order.</param>
    /// <param name="cancel">Stops it between two tenants' transactions.</param>
    public async Task AppendAsync(IReadOnlyList<TenantEvent> events, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(events);
        foreach (IGrouping<TenantId, TenantEvent> ofTenant in events.GroupBy(happened => happened.TenantId))
            foreach (TenantEvent[] batch in ofTenant.Chunk(LargestBatch))
                await facts.WriteAsync(new FactBatch { TenantId = ofTenant.Key, Events = batch }, cancel).ConfigureAwait(false);
    }
}
