using CloudPbx.Api.Emergencies;
using CloudPbx.Api.Limits;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.EventLog;
using CloudPbx.Hosting.Web.Bus;

namespace CloudPbx.Api.Events;

/// <summary>Writes what workers saw into the tenants' event logs. Running it twice does no harm.</summary>
internal sealed class TenantEventsConsumer(EventLogWriter log, EventInterest interest, LimitMailer limits, EmergencyMailer emergencies) : IFactConsumer<TenantEventsHappened>
{
    public async Task ConsumeAsync(TenantEventsHappened fact, CancellationToken cancel)
    {
        List<TenantEvent> wanted = [];
        foreach (TenantEvent happened in fact.Events)
            if (await interest.WantsAsync(happened, cancel))
                wanted.Add(happened);
        await log.AppendAsync(wanted, cancel);
        limits.Happened(wanted);
        emergencies.Happened(wanted);
    }
}
