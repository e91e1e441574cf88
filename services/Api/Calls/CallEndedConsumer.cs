using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.CallRecords;
using MassTransit;

namespace CloudPbx.Api.Calls;

/// <summary>Stores the record of an ended call. Running it twice does no harm; a database that is away makes the bus try again.</summary>
internal sealed partial class CallEndedConsumer(CallRecordWriter records, ILogger<CallEndedConsumer> logger) : IConsumer<CallEnded>
{
    public async Task Consume(ConsumeContext<CallEnded> context)
    {
        CallEnded ended = context.Message;
        SaveOutcome outcome = await records.StoreAsync(ended, context.CancellationToken);
        switch (outcome)
        {
            case SaveOutcome.Saved:
                LogStored(ended.CallId, ended.TenantId, ended.Disposition);
                break;
            case SaveOutcome.MissingReference:
                LogDropped(ended.CallId, ended.TenantId);
                break;
        }
    }

    [LoggerMessage(LogLevel.Information, "Stored the record of call {CallId} of tenant {TenantId}: {Disposition}")]
    private partial void LogStored(CallId callId, TenantId tenantId, CallDisposition disposition);

    [LoggerMessage(LogLevel.Warning, "Dropped the record of call {CallId}: tenant {TenantId} was deleted")]
    private partial void LogDropped(CallId callId, TenantId tenantId);
}
