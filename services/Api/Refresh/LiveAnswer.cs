using CloudPbx.Grains.Live;

namespace CloudPbx.Api.Refresh;

/// <summary>What a tenant's runtime said to a watcher.</summary>
/// <param name="Everything">All as it stands, or null where the watcher has heard all of it.</param>
internal sealed record LiveAnswer(LiveChange? Everything);
