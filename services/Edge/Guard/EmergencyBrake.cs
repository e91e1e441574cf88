using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Guard;

/// <summary>
/// Calls for help pass bans, drains and overload (S36), but few: this counts them, for each source and in all, so that dialling 112 is no way around the guard.
/// What exceeds it is treated like any other call. Connections are counted by themselves: banned phones that come back all the time must not use up what a call needs.
/// </summary>
/// <remarks>Thread-safe; never allocates.</remarks>
internal sealed class EmergencyBrake(TimeProvider time)
{
    /// <summary>Messages of one source at once. A call takes three or four: INVITE, the ACK of the challenge, INVITE with credentials, CANCEL.</summary>
    public const int Burst = 12;

    /// <summary>Messages of one source in a second, for long.</summary>
    public const int PerSecond = 2;

    /// <summary>Connections of one banned source at once.</summary>
    public const int ConnectionBurst = 32;

    /// <summary>Connections of one banned source in a second, for long.</summary>
    public const int ConnectionsPerSecond = 4;

    /// <summary>Of each, for all sources together at once.</summary>
    public const int BurstInAll = 200;

    /// <summary>Of each, for all sources together in a second, for long.</summary>
    public const int PerSecondInAll = 50;

    private readonly Share _messages = new(PerSecond, Burst, time);
    private readonly Share _connections = new(ConnectionsPerSecond, ConnectionBurst, time);

    /// <summary>Asks for one message of a call for help.</summary>
    /// <returns>False where the source, or all together, had their share.</returns>
    public bool TryTake(in InternetEndPoint source) => _messages.TryTake(source);

    /// <summary>Asks for one connection of a banned source.</summary>
    /// <returns>False where the source, or all together, had their share.</returns>
    public bool TryConnect(in InternetEndPoint source) => _connections.TryTake(source);

    private sealed class Share(int perSecond, int burst, TimeProvider time)
    {
        private readonly SourceLimiter _sources = new(perSecond, burst, time);
        private readonly Lock _gate = new();                // taken for what a source may have, and that is little
        private double _tokens = BurstInAll;
        private long _stamp = time.GetTimestamp();

        public bool TryTake(in InternetEndPoint source)
        {
            if (!_sources.TryTake(source))
                return false;
            lock (_gate)
            {
                long now = time.GetTimestamp();
                _tokens = Math.Min(BurstInAll, _tokens + time.GetElapsedTime(_stamp, now).TotalSeconds * PerSecondInAll);
                _stamp = now;
                if (_tokens < 1)
                    return false;
                _tokens--;
                return true;
            }
        }
    }
}
