using CloudPbx.Edge.Guard;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>
/// Closes connections that keep silent (S20): new ones without a first message, and those on which nobody ever authenticated. When there are nearly as many
/// connections as may be, those that nobody authenticated on make room, the ones without any message first, then the most silent ones.
/// </summary>
internal sealed class ConnectionSweep(IOptions<EdgeOptions> options, OpenFlows flows, ConnectionLimiter limiter, TimeProvider time, EdgeMetrics metrics)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly EdgeOptions _options = options.Value;

    /// <summary>Looks at every connection once.</summary>
    public void Run()
    {
        foreach (EdgeConnection connection in flows.Connections)
        {
            if (IsOverdue(connection))
                Close(connection, "silent connection");
        }
        int excess = limiter.Count - (int)((long)_options.MaxConnections * _options.CrowdedPercent / 100);
        if (excess <= 0)
            return;
        IEnumerable<EdgeConnection> strangers = flows.Connections.Where(connection => connection is { Tenant: null, IsOutgoing: false })
            .OrderBy(connection => connection.HasSpoken).ThenBy(connection => connection.LastMessage);
        foreach (EdgeConnection connection in strangers.Take(excess))
            Close(connection, "crowded");
    }

    private void Close(EdgeConnection connection, string reason)
    {
        metrics.Dropped(reason);
        connection.Abort();
    }

    private bool IsOverdue(EdgeConnection connection) =>
        !connection.IsOutgoing && (!connection.HasSpoken ? time.GetElapsedTime(connection.Opened) > _options.FirstMessageTimeout
        : connection.Tenant is null && time.GetElapsedTime(connection.LastMessage) > _options.IdleTimeout);
}
