using CloudPbx.Contracts.Events;

namespace CloudPbx.CallControl.News;

/// <summary>Takes what belongs into tenants' event logs. Returns at once; thread-safe.</summary>
internal interface IEventReports
{
    /// <summary>A call began or was answered. Its end is told by its record.</summary>
    /// <param name="soFar">The call as it stands.</param>
    void CallChanged(CallEnded soFar);

    /// <summary>Something else happened.</summary>
    void Happened(TenantEvent happened);
}
