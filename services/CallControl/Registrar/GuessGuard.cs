using System.Collections.Concurrent;
using System.Net;
using System.Text;
using CloudPbx.Contracts.Ids;
using CloudPbx.State.Bans;

namespace CloudPbx.CallControl.Registrar;

/// <summary>
/// Counts wrong passwords for each pair of source and account, and for each source; who guesses too often is banned (SECURITY.md S3): here at once, at the edges
/// through the reports. Only the pair is banned, or a source from which nobody is registered: the account's real phone, and other phones behind the same address, go on.
/// Redis counts an account's over all sources: of one that is under attack strangers have one try a second together (<see cref="IsTurnedAway"/>).
/// </summary>
/// <remarks>Thread-safe: one for all tenants of a worker. Memory is bounded: when full, the oldest count is forgotten.</remarks>
internal sealed class GuessGuard(BanOptions options, BanTable bans, AttackTable attacks, IBanReports reports, TimeProvider time)
{
    private const int MaximumEntries = 10_000;
    private const int MaximumProved = 10_000;
    private const int MaximumRegistered = 200_000;
    private const int MaximumBurst = 32;
    private static readonly TimeSpan s_oneTry = TimeSpan.FromSeconds(1);            // baresip sends 16 REGISTERs in 10 ms: that is one try; a cracker sends hundreds
    private static readonly TimeSpan s_betweenTurns = TimeSpan.FromSeconds(10);     // a phone whose right answer was stale repeats its request for 32 s (RFC 3261 §17.1.2.2)
    private static readonly TimeSpan s_registeredLonger = TimeSpan.FromMinutes(10); // so that a source is reported every few minutes, not with every REGISTER

    private readonly ConcurrentDictionary<BanSubject, Count> _counts = new();
    private readonly ConcurrentQueue<BanSubject> _order = new();
    private readonly ProvedSources _proved = new(MaximumProved);    // a table of their own: those who guess cannot push them out
    private readonly ConcurrentDictionary<BanSource, DateTime> _registered = new();

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Whether any account may be silenced from a source: asked before credentials are read for <see cref="IsSilenced"/>.</summary>
    public bool MaySilence(IPAddress address) => !_order.IsEmpty || !attacks.IsEmpty || bans.HasAccounts(BanSource.From(address));

    /// <summary>Whether any account is under attack: asked before credentials are read for <see cref="IsTurnedAway"/>.</summary>
    public bool MayTurnAway => !attacks.IsEmpty;

    /// <summary>Whether credentials of this account from this source get no answer now.</summary>
    /// <param name="address">The source.</param>
    /// <param name="tenant">The account's tenant.</param>
    /// <param name="account">The digest user name.</param>
    /// <param name="isEmergency">Whether they come with an emergency call, which no ban silences (S36): the edges let few through. Guesses count all the same.</param>
    public bool IsSilenced(IPAddress address, TenantId tenant, string account, bool isEmergency = false)
    {
        BanSource source = BanSource.From(address);
        Span<byte> name = stackalloc byte[512];
        if (!isEmergency && bans.HasAccounts(source) && Encoding.UTF8.TryGetBytes(account, name, out int length) && bans.Covers(source, tenant, name[..length]))
            return true;
        // An account that is registered from here is not banned, but who guesses on gets one try a second.
        return _counts.TryGetValue(new BanSubject(source, tenant, account), out Count? count) && count.IsSlowed(options.WrongPasswords, Now);
    }

    /// <summary>Whether credentials of an account that is under attack get no answer now, since they come from a stranger to it. Takes the stranger's turn where they get one.</summary>
    /// <param name="address">The source.</param>
    /// <param name="tenant">The account's tenant.</param>
    /// <param name="account">The digest user name.</param>
    /// <param name="isRegisteredHere">Whether this very account is registered from that address. Asked only when it matters.</param>
    /// <remarks>Who has told a wrong password lately has no turn: so a thousand sources are through with one try each, and a phone that comes from elsewhere gets in.
    /// Nor has for a while who had one: not every request comes so far that its password is looked at.</remarks>
    public bool IsTurnedAway(IPAddress address, TenantId tenant, string account, Func<bool> isRegisteredHere)
    {
        AttackedAccount attacked = new(tenant, account);
        if (attacks.IsEmpty || !attacks.Covers(attacked))
            return false;
        BanSource source = BanSource.From(address);
        BanSubject subject = new(source, tenant, account);
        if (bans.IsTrusted(source) || _proved.Covers(subject, Now) || isRegisteredHere())
            return false;
        if ((_counts.TryGetValue(subject, out Count? count) && (count.HasFailed(options.WindowSeconds, Now) || count.HadTurn(Now))) || !attacks.TryTakeTurn(attacked))
            return true;
        CountOf(subject).TakeTurn(Now);
        return false;
    }

    /// <summary>Counts a wrong password in answer to a challenge of ours.</summary>
    /// <param name="address">Where it came from.</param>
    /// <param name="tenant">The account's tenant.</param>
    /// <param name="account">The digest user name; there may be no such account.</param>
    /// <param name="isRegisteredHere">Whether this very account is registered from that address: a ban would hit its phone. Asked only when it matters.</param>
    /// <param name="isScanner">Whether who guesses calls himself a scanner: each of his guesses counts twice (S2).</param>
    public void Failed(IPAddress address, TenantId tenant, string account, Func<bool> isRegisteredHere, bool isScanner = false)
    {
        int weight = isScanner ? 2 : 1;
        BanSource source = BanSource.From(address);
        if (bans.IsTrusted(source))
            return;
        BanSubject subject = new(source, tenant, account);
        Count pair = CountOf(subject);
        DateTime now = Now;
        if (!pair.Add(now, s_oneTry, options.WindowSeconds, weight))
            return;
        reports.Guessed(new AttackedAccount(tenant, account), weight);
        if (pair.Failures >= options.WrongPasswords && !isRegisteredHere())
        {
            bans.Add(subject, now + options.LengthOf(pair.Strike()));
            reports.Ban(subject);
        }
        Count whole = CountOf(new BanSubject(source));
        whole.Add(now, TimeSpan.Zero, options.WindowSeconds, weight);
        if (whole.Saw(account, options.SourceAccounts) && whole.Failures >= options.SourceWrongPasswords)
        {
            whole.Strike();
            reports.Ban(new BanSubject(source));
        }
    }

    /// <summary>The right password came: the pair's count begins anew, and in an attack the source is no stranger any more.</summary>
    public void Succeeded(IPAddress address, TenantId tenant, string account)
    {
        bool isAttacked = !attacks.IsEmpty && attacks.Covers(new AttackedAccount(tenant, account));
        if (!isAttacked && _order.IsEmpty)
            return;
        BanSubject subject = new(BanSource.From(address), tenant, account);
        if (isAttacked)
            _proved.Add(subject, Now, Now + TimeSpan.FromSeconds(options.AttackSeconds));
        if (_counts.TryGetValue(subject, out Count? count))
            count.Clear();
    }

    /// <summary>An account is registered from an address until an instant: while that holds, the address is not banned as a whole.</summary>
    public void Registered(IPAddress address, DateTime until)
    {
        BanSource source = BanSource.From(address);
        if (_registered.TryGetValue(source, out DateTime reported) && reported >= until)
            return;
        if (_registered.Count >= MaximumRegistered)
            _registered.Clear();                                  // they are reported once more
        _registered[source] = until + s_registeredLonger;
        reports.Registered(source, until + s_registeredLonger - Now);
    }

    private Count CountOf(BanSubject subject)
    {
        if (_counts.TryGetValue(subject, out Count? known))
            return known;
        Count fresh = new();
        Count count = _counts.GetOrAdd(subject, fresh);
        if (ReferenceEquals(count, fresh))
        {
            _order.Enqueue(subject);
            if (_order.Count > MaximumEntries && _order.TryDequeue(out BanSubject oldest))
                _counts.TryRemove(oldest, out _);
        }
        return count;
    }

    /// <summary>One subject's failures. Its lock is held for a few instructions; only those who guess take it.</summary>
    private sealed class Count
    {
        private readonly Lock _gate = new();
        private readonly HashSet<string> _accounts = [];
        private DateTime _last;
        private int _burst;
        private int _strikes;
        private DateTime _turn;

        public int Failures { get; private set; }

        /// <summary>Counts a failure, unless it belongs to the try before; of a burst the first many do.</summary>
        public bool Add(DateTime now, TimeSpan oneTry, int windowSeconds, int weight)
        {
            lock (_gate)
            {
                if (Failures > 0 && now - _last < oneTry)
                {
                    if (++_burst < MaximumBurst)
                        return false;
                }
                else
                {
                    _burst = 0;
                }
                if (now - _last >= TimeSpan.FromSeconds(windowSeconds))
                    Reset();
                Failures += weight;
                _last = now;
                return true;
            }
        }

        /// <summary>Notes which account was tried.</summary>
        /// <returns>Whether there were that many.</returns>
        public bool Saw(string account, int limit)
        {
            lock (_gate)
                return _accounts.Count >= limit || (_accounts.Add(account) && _accounts.Count >= limit);
        }

        /// <summary>Begins to count anew after a ban.</summary>
        /// <returns>How many there were.</returns>
        public int Strike()
        {
            lock (_gate)
            {
                Reset();
                return ++_strikes;
            }
        }

        public void Clear()
        {
            lock (_gate)
                Reset();
        }

        public bool IsSlowed(int limit, DateTime now)
        {
            lock (_gate)
                return Failures >= limit && now - _last < s_oneTry;
        }

        /// <summary>Whether a wrong password came lately, be it that it led to a ban.</summary>
        public bool HasFailed(int windowSeconds, DateTime now)
        {
            lock (_gate)
                return Failures + _strikes > 0 && now - _last < TimeSpan.FromSeconds(windowSeconds);
        }

        /// <summary>Notes that it had one of the tries of an account under attack.</summary>
        public void TakeTurn(DateTime now)
        {
            lock (_gate)
                _turn = now;
        }

        public bool HadTurn(DateTime now)
        {
            lock (_gate)
                return now - _turn < s_betweenTurns;
        }

        private void Reset()
        {
            Failures = 0;
            _accounts.Clear();
        }
    }
}
