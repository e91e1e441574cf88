namespace CloudPbx.Edge.Guard;

/// <summary>
/// Decides how much new work a worker gets (S12), by how long messages wait on the way through it: measured by the edge's hello, which passes all queues in between,
/// and told by the worker of its tenants. Beyond, the edge answers 503 itself, before anybody makes state: that costs a small part of what a call does.
/// </summary>
/// <remarks>
/// <para>Without a standing queue everything is admitted. When one builds up, the rate is set to what the worker gets done, as the growth of the delay tells; then
/// the rate follows the delay and its growth (as the drop probability does in PIE, RFC 8033 §4.2), until it no longer limits. A request with credentials goes before
/// one without: its sender was let in to the challenge already.</para>
/// <para>Thread-safe; admitting allocates nothing.</para>
/// </remarks>
internal sealed class Admission(TimeProvider time)
{
    /// <summary>The delay from which on a queue is one, where it lasts.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMilliseconds(100);

    private const double Wanted = 0.06;                     // seconds of delay that a limited worker is kept at: it is never idle, and nobody notices
    private const double Pull = 0.5;                        // how much the rate follows the delay, in a second
    private const double PullUp = 1;                        // the same where next to nothing waits
    private const double Damping = 4;                       // how much it follows a second more of delay
    private const double LargestPull = 3;
    private const double LargestStep = 0.3;                 // at once, as a logarithm, up or down: what a pause of the worker takes the fall of its delay gives back
    private const double LowestRate = 20;                   // a second: what a small office needs is let through, and a stalled worker is tried
    private const int LateReports = 3;                      // fewer are no standing queue: a pause of the garbage collector looks so
    private const double Falls = 0.2;                       // seconds of delay less in each second: what a pause left behind is worked off
    private const double Stall = 1;                         // seconds without any answer that no pause takes
    private const double SecondsToTrust = 0.05;             // reports that follow each other more closely are taken together
    private const double SecondsOfMemory = 0.5;             // of the rates
    private const double SecondsOfBurst = 0.1;
    private const double SecondsOfCredit = 1;               // how far requests with credentials may overdraw
    private const double SecondsUntilFree = 1;              // without delay and below the limit for so long: no limit

    private readonly Lock _gate = new();                    // held for a few instructions; INVITEs are the rarest of messages
    private double _rate = double.PositiveInfinity;         // new work per second
    private double _tokens;
    private long _filled = time.GetTimestamp();
    private long _reported = time.GetTimestamp();
    private double _delay;                                  // the worst since the last judgement
    private double _lastDelay;
    private int _late;
    private double _calmFor;
    private int _arrived;
    private int _admitted;
    private double _arrivalRate;
    private double _admissionRate;

    /// <summary>Whether new work is limited now.</summary>
    public bool IsLimiting => !double.IsPositiveInfinity(Volatile.Read(ref _rate));

    /// <summary>Whether new work came since the last report: then it is worth reporting soon again.</summary>
    public bool IsBusy => Volatile.Read(ref _arrived) > 0 || IsLimiting;

    /// <summary>Asks for one piece of new work.</summary>
    /// <param name="hasCredentials">Whether it answers a challenge.</param>
    /// <returns>False when it is to be refused.</returns>
    public bool TryAdmit(bool hasCredentials)
    {
        lock (_gate)
        {
            _arrived++;
            if (!double.IsPositiveInfinity(_rate))
            {
                Fill();
                if (_tokens < (hasCredentials ? -SecondsOfCredit * _rate : 1))
                    return false;
                _tokens--;
            }
            _admitted++;
            return true;
        }
    }

    /// <summary>Takes a measurement of a message that is still on its way: it says something only where it waits longer than the one before did.</summary>
    /// <param name="delay">How long it has waited.</param>
    /// <param name="isSilent">Whether nothing else came from the worker of late: it pauses, which tells nothing of how much it gets done, unless it lasts.</param>
    public void ReportAtLeast(TimeSpan delay, bool isSilent)
    {
        if (delay.TotalSeconds > Math.Max(isSilent ? Stall : 0, Volatile.Read(ref _lastDelay)))
            Report(delay);
    }

    /// <summary>Takes a measurement.</summary>
    /// <param name="delay">How long a message waited on its way through the worker.</param>
    public void Report(TimeSpan delay)
    {
        lock (_gate)
        {
            _delay = Math.Max(_delay, delay.TotalSeconds);
            double seconds = time.GetElapsedTime(_reported).TotalSeconds;
            if (seconds < SecondsToTrust)
                return;
            _reported = time.GetTimestamp();
            double weight = Math.Min(1, seconds / SecondsOfMemory);
            _arrivalRate += (_arrived / seconds - _arrivalRate) * weight;
            _admissionRate += (_admitted / seconds - _admissionRate) * weight;
            Fill();
            if (IsLimiting)
                Follow(seconds);
            else if (IsStanding(seconds))
                Begin(seconds);
            _lastDelay = _delay;
            (_delay, _arrived, _admitted) = (0, 0, 0);
        }
    }

    private bool IsStanding(double seconds)
    {
        if (_delay <= Late.TotalSeconds)
            _late = 0;
        else if (_delay > _lastDelay - Falls * seconds)
            _late++;
        return _late >= LateReports;
    }

    // A queue that is served at rate m and filled at rate a delays by 1 - m/a seconds more each second.
    private void Begin(double seconds)
    {
        double growth = (_delay - _lastDelay) / seconds;
        _rate = Math.Max(LowestRate, Math.Max(_admissionRate, _admitted / seconds) * Math.Clamp(1 - growth, 0.2, 0.9));
        (_tokens, _calmFor, _late) = (LowestRate, 0, 0);
    }

    private void Follow(double seconds)
    {
        double pull = Math.Max(-LargestPull, (Wanted - _delay) / Wanted);
        double step = seconds * (_delay < Wanted / 2 ? PullUp : Pull) * pull - Damping * (_delay - _lastDelay);
        // Far above what comes it would be of no use when more comes.
        _rate = Math.Clamp(_rate * Math.Exp(Math.Clamp(step, -LargestStep, LargestStep)), LowestRate, Math.Max(LowestRate, 2 * _arrivalRate + 10));
        _tokens = Math.Min(_tokens, Burst);
        _calmFor = _arrivalRate < _rate && _delay <= Late.TotalSeconds ? _calmFor + seconds : 0;
        if (_calmFor >= SecondsUntilFree)
            _rate = double.PositiveInfinity;
    }

    private double Burst => Math.Max(LowestRate, SecondsOfBurst * _rate);

    private void Fill()
    {
        double seconds = time.GetElapsedTime(_filled).TotalSeconds;
        _filled = time.GetTimestamp();
        if (IsLimiting)
            _tokens = Math.Min(Burst, _tokens + seconds * _rate);
    }
}
