using CloudPbx.Contracts.Events;

namespace CloudPbx.CallControl.Accounting;

/// <summary>Takes the facts of ended calls.</summary>
internal interface ICallRecords
{
    /// <summary>Takes a fact and returns at once; thread-safe.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="confirmed">Called, on any thread, when nobody else has to keep it: the bus has it, or the spool alone keeps it, since very many wait for the bus. Not called where the process ends before that.</param>
    void Append(CallEnded fact, Action confirmed);
}
