using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.CallControl.Telemetry;

/// <summary>
/// What a worker counts, in the terms of RFC 6076 where it has one; libs/CloudPbx.Hosting/README.md lists it. No label names a tenant or a person: a worker may
/// own thousands. Traces and logs do.
/// </summary>
/// <remarks>Thread-safe. Figures of tenants are read when somebody asks, and may then be a moment old.</remarks>
internal sealed class WorkerMetrics : IDisposable
{
    public const string MeterName = "CloudPbx.CallControl";

    private static readonly double[] s_delays = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
    private static readonly double[] s_durations = [1, 5, 15, 30, 60, 180, 600, 1800, 3600, 14400];
    private static readonly double[] s_scores = [1.5, 2, 2.5, 3, 3.5, 3.8, 4, 4.2, 4.4];
    private static readonly double[] s_jitters = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2];
    private static readonly double[] s_ratios = [0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5];

    // The answers that RFC 6076's formulas and ours name; anything else would let strangers make up series.
    private static readonly Dictionary<int, string> s_statuses =
        new[] { 200, 403, 404, 406, 408, 415, 480, 481, 482, 483, 484, 486, 487, 488, 500, 501, 503, 504, 600, 603, 604, 606, 607, 608 }
            .ToDictionary(status => status, status => status.ToString(System.Globalization.CultureInfo.InvariantCulture));

    private static readonly (string Name, Func<TransactionCounters, long> Read)[] s_transactionEvents =
    [
        ("absorbed", counters => counters.Absorbed),
        ("fault", counters => counters.Faults),
        ("merged", counters => counters.Merged),
        ("overload", counters => counters.Overload),
        ("resent", counters => counters.Resent),
        ("stray cancel", counters => counters.StrayCancels),
        ("stray response", counters => counters.StrayResponses),
    ];

    private readonly ConcurrentDictionary<TenantRuntime, bool> _tenants = new();
    private readonly Lock _gate = new();        // a tenant that leaves: its counts must be in one sum or the other
    private readonly long[] _left = new long[s_transactionEvents.Length];
    private readonly Meter _meter;
    private readonly Counter<long> _registrations;
    private readonly Histogram<double> _registrationDelay;
    private readonly Counter<long> _sessions;
    private readonly Histogram<double> _sessionDelay;
    private readonly Histogram<double> _sessionDuration;
    private readonly Histogram<double> _disconnectDelay;
    private readonly Counter<long> _packets;
    private readonly Histogram<double> _jitter;
    private readonly Histogram<double> _mos;
    private readonly Histogram<double> _loss;
    private readonly Histogram<double> _roundTrip;
    private readonly Counter<long> _setAside;
    private readonly Counter<long> _notifications;

    /// <param name="meters">The process's meters; null for a worker that nobody measures.</param>
    public WorkerMetrics(IMeterFactory? meters = null)
    {
        _meter = meters?.Create(MeterName) ?? new Meter(MeterName);
        _registrations = _meter.CreateCounter<long>("cloudpbx.registration.requests", "{request}", "REGISTER requests answered.");
        _registrationDelay = Histogram("cloudpbx.registration.request.delay", "s", s_delays, "From a REGISTER that is accepted to its 200 (RFC 6076 §4.1, the server's part).");
        _sessions = _meter.CreateCounter<long>("cloudpbx.session.attempts", "{session}", "Calls by the final response to their INVITE (RFC 6076 §4.6 to §4.8).");
        _sessionDelay = Histogram("cloudpbx.session.request.delay", "s", s_delays, "From a caller's INVITE to the first sign that it rings or is answered, or to its failure (RFC 6076 §4.3).");
        _sessionDuration = Histogram("cloudpbx.session.duration", "s", s_durations, "From the answer to the end (RFC 6076 §4.5, §4.9).");
        _disconnectDelay = Histogram("cloudpbx.session.disconnect.delay", "s", s_delays, "From a BYE of ours to its answer, or until it was given up (RFC 6076 §4.4).");
        _packets = _meter.CreateCounter<long>("cloudpbx.leg.packets", "{packet}", "RTP packets of ended legs.");
        _jitter = Histogram("cloudpbx.leg.jitter", "s", s_jitters, "Interarrival jitter of ended legs (RFC 3550 §6.4.1).");
        _loss = Histogram("cloudpbx.leg.loss", "1", s_ratios, "Share of a leg's packets that never came, of ended legs.");
        _mos = Histogram("cloudpbx.leg.mos", "1", s_scores, "Estimated mean opinion score of what ended legs sent (E-model, ITU-T G.107).");
        _roundTrip = Histogram("cloudpbx.leg.round_trip", "s", s_jitters, "Round-trip time by RTCP of ended legs.");
        _setAside = _meter.CreateCounter<long>("cloudpbx.records.set_aside", "{segment}", "Segments of the spool of call records that could not be read and were set aside.");
        _notifications = _meter.CreateCounter<long>("cloudpbx.presence.notifications", "{request}", "NOTIFYs to phones that watch an extension, by what became of them.");
        QueueDelay = Histogram("cloudpbx.tenant.queue.delay", "s", s_delays, "How long work waits for its tenant's thread.");
        _meter.CreateObservableUpDownCounter("cloudpbx.tenants", () => _tenants.Count, "{tenant}", "Tenants that live on this worker.");
        _meter.CreateObservableUpDownCounter("cloudpbx.calls", () => Sum(tenant => tenant.Calls.Count), "{call}", "Calls that ring or talk.");
        _meter.CreateObservableUpDownCounter("cloudpbx.registrar.bindings", () => Sum(tenant => tenant.Registrar.Count), "{binding}", "Contacts that are registered.");
        _meter.CreateObservableUpDownCounter("cloudpbx.presence.subscriptions", () => Sum(tenant => tenant.Lamps.Count), "{subscription}", "Busy lamps: extensions that phones watch.");
        _meter.CreateObservableUpDownCounter("cloudpbx.sip.transactions", () => Sum(tenant => tenant.Agents.Transactions.Count), "{transaction}", "SIP transactions that live.");
        _meter.CreateObservableCounter("cloudpbx.sip.transaction.events", ReadTransactionEvents, "{event}", "What befell SIP transactions.");
    }

    /// <summary>How long work waits for its tenant's thread, in seconds.</summary>
    public Histogram<double> QueueDelay { get; }

    /// <summary>A tenant lives here from now on.</summary>
    public void Add(TenantRuntime tenant) => _tenants[tenant] = true;

    /// <summary>A tenant lives here no more; what it counted stays in the sums.</summary>
    public void Remove(TenantRuntime tenant)
    {
        lock (_gate)
        {
            if (!_tenants.TryRemove(tenant, out _))
                return;
            for (int i = 0; i < _left.Length; i++)
                _left[i] += s_transactionEvents[i].Read(tenant.Agents.Transactions.Counters);
        }
    }

    /// <summary>A REGISTER was answered.</summary>
    /// <param name="status">Its final status: 401 and 407 are part of every registration (RFC 6076 §4.2).</param>
    /// <param name="delay">Since it came.</param>
    public void RegisterAnswered(int status, TimeSpan delay)
    {
        string result = status switch
        {
            >= 200 and < 300 => "accepted",
            401 or 407 => "challenged",
            _ => "ineffective",
        };
        _registrations.Add(1, new KeyValuePair<string, object?>("result", result));
        if (result == "accepted")
            _registrationDelay.Record(delay.TotalSeconds);
    }

    /// <summary>A caller heard for the first time how its call fares.</summary>
    /// <param name="successful">Whether it rings or is answered; otherwise it failed.</param>
    /// <param name="delay">Since the INVITE.</param>
    public void SessionIndicated(bool successful, TimeSpan delay) =>
        _sessionDelay.Record(delay.TotalSeconds, new KeyValuePair<string, object?>("result", successful ? "successful" : "failed"));

    /// <summary>An INVITE got its final response.</summary>
    public void SessionAnswered(int status) =>
        _sessions.Add(1, new KeyValuePair<string, object?>("sip.response.status_code", s_statuses.GetValueOrDefault(status, "other")));

    /// <summary>An established call ended.</summary>
    /// <param name="duration">Since its answer.</param>
    /// <param name="completed">Whether somebody hung up; otherwise it was lost.</param>
    public void SessionEnded(TimeSpan duration, bool completed) =>
        _sessionDuration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("completed", completed ? "true" : "false"));

    /// <summary>A BYE of ours was answered or given up.</summary>
    public void Disconnected(TimeSpan delay) => _disconnectDelay.Record(delay.TotalSeconds);

    /// <summary>A leg that talked ended.</summary>
    public void LegEnded(CallParty party, LegStatistics figures)
    {
        KeyValuePair<string, object?> side = new("party", party == CallParty.Caller ? "caller" : "callee");
        long lost = Math.Max(0, figures.Lost);
        _packets.Add(figures.PacketsReceived, side, new("direction", "received"));
        _packets.Add(figures.PacketsSent, side, new("direction", "sent"));
        _packets.Add(lost, side, new("direction", "lost"));
        _packets.Add(figures.Late, side, new("direction", "late"));
        if (figures.PacketsReceived + lost > 0)
        {
            _loss.Record((double)lost / (figures.PacketsReceived + lost), side);
            _jitter.Record(figures.JitterMilliseconds / 1000, side);
        }
        if (figures.RoundTripMilliseconds is { } roundTrip)
            _roundTrip.Record(roundTrip / 1000, side);
        if (figures.Mos is { } mos)
            _mos.Record(mos, side);
    }

    /// <summary>A NOTIFY got its final response.</summary>
    /// <param name="status">That; 408, 430 and 503 where the phone gave none.</param>
    public void NotifyAnswered(int status) => _notifications.Add(1, new KeyValuePair<string, object?>("result", status switch
    {
        >= 200 and < 300 => "accepted",
        408 or 430 or 503 => "unanswered",
        _ => "refused",
    }));

    /// <summary>A segment of the spool of call records could not be read.</summary>
    public void SegmentSetAside() => _setAside.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private Histogram<double> Histogram(string name, string unit, double[] boundaries, string description) =>
        _meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = boundaries });

    private long Sum(Func<TenantRuntime, int> read)
    {
        long sum = 0;
        foreach ((TenantRuntime tenant, _) in _tenants)
            sum += read(tenant);
        return sum;
    }

    private IEnumerable<Measurement<long>> ReadTransactionEvents()
    {
        List<Measurement<long>> all = [];
        lock (_gate)
        {
            for (int i = 0; i < _left.Length; i++)
            {
                long count = _left[i];
                foreach ((TenantRuntime tenant, _) in _tenants)
                    count += s_transactionEvents[i].Read(tenant.Agents.Transactions.Counters);
                all.Add(new(count, new KeyValuePair<string, object?>("event", s_transactionEvents[i].Name)));
            }
        }
        return all;
    }
}
