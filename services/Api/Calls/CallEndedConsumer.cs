using System.Diagnostics;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.CallRecords;
using CloudPbx.Hosting.Web.Bus;

namespace CloudPbx.Api.Calls;

/// <summary>Stores the record of an ended call. Running it twice does no harm; a database that is away makes the bus try again.</summary>
internal sealed partial class CallEndedConsumer(CallRecordWriter records, ILogger<CallEndedConsumer> logger) : IFactConsumer<CallEnded>
{
    private static readonly ActivitySource s_source = new("CloudPbx.Api");

    public async Task ConsumeAsync(CallEnded fact, CancellationToken cancel)
    {
        using Activity? span = Begin(fact.TraceParent);
        SaveOutcome outcome = await records.StoreAsync(fact, cancel);
        switch (outcome)
        {
            case SaveOutcome.Saved:
                LogStored(fact.CallId, fact.TenantId, fact.Disposition);
                break;
            case SaveOutcome.MissingReference:
                LogDropped(fact.CallId, fact.TenantId);
                break;
        }
    }

    // Below the bus's own span where that belongs to the call's trace, else below the call's.
    private static Activity? Begin(string? traceParent)
    {
        if (traceParent is null || !s_source.HasListeners() || !ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext call))
            return null;
        ActivityContext bus = Activity.Current?.Context ?? default;
        return s_source.StartActivity("store call record", ActivityKind.Consumer, bus.TraceId == call.TraceId ? bus : call);
    }

    [LoggerMessage(LogLevel.Information, "Stored the record of call {CallId} of tenant {TenantId}: {Disposition}")]
    private partial void LogStored(CallId callId, TenantId tenantId, CallDisposition disposition);

    [LoggerMessage(LogLevel.Warning, "Dropped the record of call {CallId}: tenant {TenantId} was deleted")]
    private partial void LogDropped(CallId callId, TenantId tenantId);
}
