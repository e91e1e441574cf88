using CloudPbx.Api.Emergencies;
using CloudPbx.Api.Limits;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.EventLog;
using MassTransit;

namespace CloudPbx.Api.Events;

/// <summary>Writes what workers saw into the tenants' event logs. Running it twice does no harm.</summary>
internal sealed class TenantEventsConsumer(EventLogWriter log, EventInterest interest, LimitMailer limits, EmergencyMailer emergencies) : IConsumer<TenantEventsHappened>
{
    public async Task Consume(ConsumeContext<TenantEventsHappened> context)
    {
        List<TenantEvent> wanted = [];
        foreach (TenantEvent happened in context.Message.Events)
            if (await interest.WantsAsync(happened, context.CancellationToken))
                wanted.Add(happened);
        await log.AppendAsync(wanted, context.CancellationToken);
        limits.Happened(wanted);
        emergencies.Happened(wanted);
    }
}
