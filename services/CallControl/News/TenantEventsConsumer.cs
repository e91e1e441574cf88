using CloudPbx.Contracts.Events;
using CloudPbx.Data.EventLog;
using MassTransit;

namespace CloudPbx.CallControl.News;

/// <summary>Writes events into the tenants' logs where no broker carries them to Api. Running it twice does no harm.</summary>
internal sealed class TenantEventsConsumer(EventLogWriter log) : IConsumer<TenantEventsHappened>
{
    public Task Consume(ConsumeContext<TenantEventsHappened> context) => log.AppendAsync(context.Message.Events, context.CancellationToken);
}
