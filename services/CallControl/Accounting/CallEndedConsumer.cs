using CloudPbx.Contracts.Events;
using CloudPbx.Data.CallRecords;
using CloudPbx.Hosting.Web.Bus;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Stores the record of an ended call where no broker carries it to Api. Running it twice does no harm; a deleted tenant's record is dropped.</summary>
internal sealed class CallEndedConsumer(CallRecordWriter records) : IFactConsumer<CallEnded>
{
    public Task ConsumeAsync(CallEnded fact, CancellationToken cancel) => records.StoreAsync(fact, cancel);
}
