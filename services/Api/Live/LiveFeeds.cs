using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Presence;

namespace CloudPbx.Api.Live;

/// <summary>The tenants that are watched here: one feed each, however many clients look at it.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LiveFeeds(LiveChannel channel, ITenantDoor door, TimeProvider time, ILogger<LiveFeed> logger, IHostApplicationLifetime lifetime)
{
    private readonly Lock _gate = new();                          // held for a dictionary operation
    private readonly Dictionary<TenantId, LiveFeed> _feeds = [];

    /// <summary>Ends when the process stops.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Begins to watch a tenant.</summary>
    /// <returns>What is told; dispose of it to end.</returns>
    public LiveReader Watch(TenantId tenant)
    {
        lock (_gate)
        {
            if (!_feeds.TryGetValue(tenant, out LiveFeed? feed))
                _feeds.Add(tenant, feed = new LiveFeed(tenant, channel, door, time, logger));
            return feed.Add(Leave);
        }
    }

    private void Leave(LiveFeed feed, LiveReader reader)
    {
        lock (_gate)
        {
            if (!feed.Remove(reader))
                return;
            _feeds.Remove(feed.Tenant);
        }
        _ = feed.DisposeAsync().AsTask();
    }
}
