using CloudPbx.Contracts.Events;
using CloudPbx.Data.EventLog;
using CloudPbx.Hosting.Web.Bus;

namespace CloudPbx.CallControl.News;

/// <summary>Writes events into the tenants' logs where no broker carries them to Api. Running it twice does no harm.</summary>
internal sealed class TenantEventsConsumer(EventLogWriter log) : IFactConsumer<TenantEventsHappened>
{
    public Task ConsumeAsync(TenantEventsHappened fact, CancellationToken cancel) => log.AppendAsync(fact.Events, cancel);
}
