using System.Diagnostics.Metrics;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Sessions;

/// <summary>The node's figures for telemetry. They are read when asked for; the packet path only counts.</summary>
internal sealed class MediaMeter : IDisposable
{
    private readonly Meter _meter = new("CloudPbx.Media");

    public MediaMeter(MediaNode node)
    {
        _meter.CreateObservableGauge("cloudpbx.media.sessions", () => node.SessionCount, "{session}", "Sessions that stand");
        _meter.CreateObservableGauge("cloudpbx.media.legs", () => node.Loops.Sum(l => l.StreamCount), "{leg}", "Legs that stand");
        Count("cloudpbx.media.packets.received", "RTP packets accepted", c => Volatile.Read(ref c.Received));
        Count("cloudpbx.media.packets.sent", "RTP packets sent", c => Volatile.Read(ref c.Sent));
        Count("cloudpbx.media.packets.strangers", "Datagrams from addresses that are not the peer's", c => Volatile.Read(ref c.Strangers));
        Count("cloudpbx.media.packets.unauthentic", "Packets whose SRTP tag was wrong or came twice", c => Volatile.Read(ref c.SrtpFailures));

        void Count(string name, string description, Func<LoopCounters, long> read) =>
            _meter.CreateObservableCounter(name, () => node.Loops.Sum(l => read(l.Counters)), "{packet}", description);
    }

    public void Dispose() => _meter.Dispose();
}
