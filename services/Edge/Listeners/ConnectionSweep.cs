using CloudPbx.Edge.Guard;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>
/// Closes connections that keep silent (S20): new ones without a first message, and those on which nobody ever authenticated. When there are nearly as many
/// connections as may be, those that nobody authenticated on make room, the ones without any message first (be it that they do not even go on with their handshake), the oldest of them first,
/// then the most silent ones. What a banned source opened ends soon unless it calls for help (S36).
/// </summary>
internal sealed class ConnectionSweep(IOptions<EdgeOptions> options, OpenFlows flows, Newcomers newcomers, ConnectionLimiter limiter, TimeProvider time, EdgeMetrics metrics)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    // A carrier takes its time to answer a call for help: as long as an INVITE waits for anything at all (RFC 3261 §17.1.1.2, timer B), and the next trunk's again.
    private static readonly TimeSpan s_emergency = TimeSpan.FromSeconds(64);

    private readonly EdgeOptions _options = options.Value;

    /// <summary>Looks at every connection once.</summary>
    public void Run()
    {
        foreach (EdgeConnection connection in flows.Connections)
        {
            if (IsOverdue(connection))
                Close(connection.Abort, "silent connection");
        }
        foreach (Newcomer newcomer in newcomers.All)
        {
            if (time.GetElapsedTime(newcomer.Since) > _options.HandshakeTimeout + _options.FirstMessageTimeout)
                Close(newcomer.Abort, "silent connection");
        }
        int excess = limiter.Count - (int)((long)_options.MaxConnections * _options.CrowdedPercent / 100);
        if (excess <= 0)
            return;
        IEnumerable<(bool HasSpoken, long Since, Action Abort)> strangers = flows.Connections.Where(connection => connection is { Tenant: null, IsOutgoing: false })
            .Select(connection => (connection.HasSpoken, connection.LastMessage, (Action)connection.Abort))
            .Concat(newcomers.All.Select(newcomer => (false, newcomer.Since, (Action)newcomer.Abort)))
            .OrderBy(stranger => stranger.Item1).ThenBy(stranger => stranger.Item2);
        foreach ((_, _, Action abort) in strangers.Take(excess))
            Close(abort, "crowded");
    }

    private void Close(Action abort, string reason)
    {
        metrics.Dropped(reason);
        abort();
    }

    private bool IsOverdue(EdgeConnection connection) => connection is { IsOfBanned: true, Tenant: null }
        ? time.GetElapsedTime(connection.LastHeard) > (connection.LastHeard == connection.Opened ? _options.FirstMessageTimeout : s_emergency)
        : !connection.IsOutgoing && (!connection.HasSpoken ? time.GetElapsedTime(connection.Opened) > _options.FirstMessageTimeout
        : connection.Tenant is null && time.GetElapsedTime(connection.LastMessage) > _options.IdleTimeout);
}
