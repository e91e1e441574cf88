using CloudPbx.Contracts.Ids;
using CloudPbx.State.Presence;

namespace CloudPbx.CallControl.Presence;

/// <summary>By the tenant's channel in Redis.</summary>
internal sealed class RedisLivePublisher(LiveChannel channel) : ILivePublisher
{
    /// <inheritdoc/>
    public void Publish(TenantId tenant, byte[] change) => _ = channel.PublishAsync(tenant, change);
}
