using CloudPbx.Contracts.Events;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Takes the facts of ended calls.</summary>
internal interface ICallRecords
{
    /// <summary>Takes a fact and returns at once; thread-safe.</summary>
    void Append(CallEnded fact);
}
