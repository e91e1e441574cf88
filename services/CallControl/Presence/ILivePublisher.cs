using CloudPbx.Contracts.Ids;

namespace CloudPbx.CallControl.Presence;

/// <summary>Says to those who watch a tenant what changed.</summary>
internal interface ILivePublisher
{
    /// <summary>Says it, or loses it; never waits, never throws.</summary>
    void Publish(TenantId tenant, byte[] change);
}
