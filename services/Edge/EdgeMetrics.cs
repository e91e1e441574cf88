using System.Diagnostics.Metrics;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Edge;

/// <summary>What the edge counts. Tags name reasons, never peers. Thread-safe; never allocates.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    public const string MeterName = "CloudPbx.Edge";

    private static readonly object[] s_faults = [.. Enum.GetNames<SipParseError>()];

    private readonly Meter _meter;
    private readonly Counter<long> _forwarded;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _malformed;
    private readonly Counter<long> _answered;
    private readonly Counter<long> _held;
    private readonly Counter<long> _delayed;
    private readonly UpDownCounter<long> _connections;

    public EdgeMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _forwarded = _meter.CreateCounter<long>("edge.messages.forwarded", "{message}", "Messages forwarded, by direction and kind.");
        _dropped = _meter.CreateCounter<long>("edge.messages.dropped", "{message}", "Messages dropped without an answer, by reason.");
        _malformed = _meter.CreateCounter<long>("edge.messages.malformed", "{message}", "Messages that are no SIP, by fault.");
        _answered = _meter.CreateCounter<long>("edge.requests.answered", "{request}", "Requests that the edge answered itself, by status code.");
        _held = _meter.CreateCounter<long>("edge.requests.held", "{request}", "Requests that waited for a worker.");
        _delayed = _meter.CreateCounter<long>("edge.messages.delayed", "{wait}", "Waits for a peer that sends too fast over a connection.");
        _connections = _meter.CreateUpDownCounter<long>("edge.connections", "{connection}", "Open connections of peers.");
    }

    public void Forwarded(string direction, bool isRequest) => _forwarded.Add(1, new("direction", direction), new("kind", isRequest ? "request" : "response"));

    public void Dropped(string reason) => _dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void Malformed(SipParseError fault) => _malformed.Add(1, new KeyValuePair<string, object?>("fault", s_faults[(int)fault]));

    public void Answered(int status) => _answered.Add(1, new KeyValuePair<string, object?>("status", StatusText(status)));

    public void Held() => _held.Add(1);

    public void Delayed() => _delayed.Add(1);

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Dispose() => _meter.Dispose();

    private static string StatusText(int status) => status switch
    {
        200 => "200",
        400 => "400",
        404 => "404",
        416 => "416",
        430 => "430",
        483 => "483",
        503 => "503",
        505 => "505",
        513 => "513",
        _ => "other",
    };
}
