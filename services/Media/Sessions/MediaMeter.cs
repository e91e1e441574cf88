using System.Diagnostics.Metrics;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Sessions;

/// <summary>The node's figures for telemetry; libs/CloudPbx.Hosting/README.md lists them. They are read when asked for; the packet path only counts.</summary>
internal sealed class MediaMeter : IDisposable
{
    public const string MeterName = "CloudPbx.Media";

    private readonly Meter _meter = new(MeterName);
    private readonly MediaNode _node;

    public MediaMeter(MediaNode node)
    {
        _node = node;
        _meter.CreateObservableUpDownCounter("cloudpbx.media.sessions", () => node.SessionCount, "{session}", "Sessions that stand.");
        _meter.CreateObservableUpDownCounter("cloudpbx.media.legs", () => node.Loops.Sum(l => l.StreamCount), "{leg}", "Legs that stand.");
        _meter.CreateObservableUpDownCounter("cloudpbx.media.recordings", () => node.Recorder.Count, "{recording}", "Recordings under way.");
        _meter.CreateObservableUpDownCounter("cloudpbx.media.conference.participants", () => node.Mixer.Participants, "{participant}", "Parties in conferences, and in supervised calls.");
        _meter.CreateObservableCounter("cloudpbx.media.conference.frames", () => node.Mixer.Frames, "{frame}", "Frames of 20 ms that were mixed for a party.");
        _meter.CreateObservableCounter("cloudpbx.media.conference.time", () => node.Mixer.Microseconds / 1e6, "s", "Time that mixing took.");
        _meter.CreateObservableCounter("cloudpbx.media.legs.unheard", () => node.LegsUnheard, "{leg}", "Legs that were not played what they were to hear: their codec can only be passed on.");
        _meter.CreateObservableUpDownCounter("cloudpbx.media.ports.taken", () => node.PortPairsTaken, "{pair}", "Port pairs in use or draining.");
        _meter.CreateObservableUpDownCounter("cloudpbx.media.ports.limit", () => node.PortPairs, "{pair}", "Port pairs of the node's range.");
        _meter.CreateObservableCounter("cloudpbx.media.packets.received", () => Sum(c => Volatile.Read(ref c.Received)), "{packet}", "RTP packets accepted.");
        _meter.CreateObservableCounter("cloudpbx.media.packets.sent", () => Sum(c => Volatile.Read(ref c.Sent)), "{packet}", "RTP packets sent.");
        _meter.CreateObservableCounter("cloudpbx.media.packets.dropped", ReadDropped, "{packet}", "Packets that were not accepted, or that the kernel did not send.");
    }

    public void Dispose() => _meter.Dispose();

    private long Sum(Func<LoopCounters, long> read) => _node.Loops.Sum(l => read(l.Counters));

    private IEnumerable<Measurement<long>> ReadDropped() =>
    [
        new(Sum(c => Volatile.Read(ref c.Strangers)), new KeyValuePair<string, object?>("reason", "stranger")),
        new(Sum(c => Volatile.Read(ref c.SrtpFailures)), new KeyValuePair<string, object?>("reason", "unauthentic")),
        new(Sum(c => Volatile.Read(ref c.Malformed)), new KeyValuePair<string, object?>("reason", "malformed")),
        new(_node.Loops.Sum(l => l.FailedSends), new KeyValuePair<string, object?>("reason", "unsent")),
    ];
}
