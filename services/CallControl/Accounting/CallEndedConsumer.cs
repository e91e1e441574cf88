using CloudPbx.Contracts.Events;
using CloudPbx.Data.CallRecords;
using MassTransit;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Stores the record of an ended call where no broker carries it to Api. Running it twice does no harm; a deleted tenant's record is dropped.</summary>
internal sealed class CallEndedConsumer(CallRecordWriter records) : IConsumer<CallEnded>
{
    public Task Consume(ConsumeContext<CallEnded> context) => records.StoreAsync(context.Message, context.CancellationToken);
}
