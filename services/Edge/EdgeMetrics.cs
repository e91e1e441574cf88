using System.Diagnostics.Metrics;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Edge;

/// <summary>What the edge counts; libs/CloudPbx.Hosting/README.md lists it. Labels name reasons and transports, never peers. Thread-safe; never allocates.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    public const string MeterName = "CloudPbx.Edge";

    private static readonly object[] s_faults = [.. Enum.GetNames<SipParseError>()];
    private static readonly SipTransport[] s_transports = Enum.GetValues<SipTransport>();
    private static readonly string[] s_transportNames = [.. s_transports.Select(t => t.ToString().ToLowerInvariant())];

    // Plain numbers, read when somebody asks: what is counted for every message costs an increment, whoever listens.
    private readonly long[] _received = new long[s_transports.Length];
    private readonly long[] _forwarded = new long[s_transports.Length * 4];
    private readonly long[] _connections = new long[s_transports.Length];

    private readonly Meter _meter;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _answered;
    private readonly Counter<long> _held;
    private readonly Counter<long> _delayed;
    private readonly Counter<long> _returned;
    private readonly Counter<long> _trapped;

    public EdgeMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _meter.CreateObservableCounter("cloudpbx.edge.messages.received", () => Read(_received), "{message}", "SIP messages that peers sent.");
        _meter.CreateObservableCounter("cloudpbx.edge.messages.forwarded", ReadForwarded, "{message}", "Messages forwarded between peers and workers.");
        _dropped = _meter.CreateCounter<long>("cloudpbx.edge.messages.dropped", "{message}", "Messages and connections dropped without an answer.");
        _malformed = _meter.CreateCounter<long>("cloudpbx.edge.messages.malformed", "{message}", "Messages that are no SIP, by fault.");
        _answered = _meter.CreateCounter<long>("cloudpbx.edge.requests.answered", "{request}", "Requests that the edge answered itself.");
        _held = _meter.CreateCounter<long>("cloudpbx.edge.requests.held", "{request}", "Requests that waited for a worker.");
        _returned = _meter.CreateCounter<long>("cloudpbx.edge.messages.returned", "{message}", "Messages that a worker gave back, since their tenant lives elsewhere now.");
        _trapped = _meter.CreateCounter<long>("cloudpbx.edge.sources.trapped", "{source}", "Times that a stranger's source began to get silence, since it had asked for one name after the other.");
        _delayed = _meter.CreateCounter<long>("cloudpbx.edge.messages.delayed", "{wait}", "Waits for a peer that sends too fast over a connection.");
        _meter.CreateObservableUpDownCounter("cloudpbx.edge.connections", () => Read(_connections), "{connection}", "Open connections of peers.");
    }

    /// <summary>Has the links to workers counted whenever somebody asks.</summary>
    /// <param name="up">How many workers can be reached now.</param>
    public void WatchLinks(Func<int> up) => _meter.CreateObservableUpDownCounter("cloudpbx.edge.worker.links", up, "{link}", "Workers that this edge can reach.");

    public void Received(SipTransport transport) => Interlocked.Increment(ref _received[(int)transport]);

    /// <summary>A peer's message went to a worker.</summary>
    public void ForwardedInward(SipTransport transport, bool isRequest) => Interlocked.Increment(ref _forwarded[((int)transport * 4) + (isRequest ? 0 : 1)]);

    /// <summary>A worker's message went to a peer.</summary>
    public void ForwardedOutward(SipTransport transport, bool isRequest) => Interlocked.Increment(ref _forwarded[((int)transport * 4) + (isRequest ? 2 : 3)]);

    public void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Malformed(SipParseError fault) => _malformed.Add(1, new KeyValuePair<string, object?>("fault", s_faults[(int)fault]));

    public void Answered(int status) => _answered.Add(1, new KeyValuePair<string, object?>("sip.response.status_code", StatusText(status)));

    public void Held() => _held.Add(1);

    public void Returned() => _returned.Add(1);

    public void Trapped(bool isScanner) => _trapped.Add(1, new KeyValuePair<string, object?>("agent", isScanner ? "scanner" : "other"));

    public void Delayed() => _delayed.Add(1);

    public void ConnectionOpened(SipTransport transport) => Interlocked.Increment(ref _connections[(int)transport]);

    public void ConnectionClosed(SipTransport transport) => Interlocked.Decrement(ref _connections[(int)transport]);

    public void Dispose() => _meter.Dispose();

    private static IEnumerable<Measurement<long>> Read(long[] counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            if (Volatile.Read(ref counts[i]) is not 0 and var count)
                yield return new(count, Transport(i));
        }
    }

    private IEnumerable<Measurement<long>> ReadForwarded()
    {
        for (int i = 0; i < _forwarded.Length; i++)
        {
            if (Volatile.Read(ref _forwarded[i]) is not 0 and var count)
                yield return new(count, Transport(i / 4), new("direction", (i & 2) == 0 ? "inward" : "outward"), new("kind", (i & 1) == 0 ? "request" : "response"));
        }
    }

    private static KeyValuePair<string, object?> Transport(int index) => new("network.transport", s_transportNames[index]);

    private static string StatusText(int status) => status switch
    {
        200 => "200",
        400 => "400",
        401 => "401",
        404 => "404",
        407 => "407",
        416 => "416",
        430 => "430",
        483 => "483",
        503 => "503",
        505 => "505",
        513 => "513",
        _ => "other",
    };
}
