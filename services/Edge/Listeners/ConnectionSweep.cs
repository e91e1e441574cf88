using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>Closes connections that keep silent (S20): new ones without a first message, and those on which nobody ever authenticated.</summary>
internal sealed class ConnectionSweep(IOptions<EdgeOptions> options, OpenFlows flows, TimeProvider time, EdgeMetrics metrics)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly EdgeOptions _options = options.Value;

    /// <summary>Looks at every connection once.</summary>
    public void Run()
    {
        foreach (EdgeConnection connection in flows.Connections)
        {
            if (IsOverdue(connection))
            {
                metrics.Dropped("silent connection");
                connection.Abort();
            }
        }
    }

    private bool IsOverdue(EdgeConnection connection) =>
        !connection.HasSpoken ? time.GetElapsedTime(connection.Opened) > _options.FirstMessageTimeout
        : connection.Tenant is null && time.GetElapsedTime(connection.LastMessage) > _options.IdleTimeout;
}
