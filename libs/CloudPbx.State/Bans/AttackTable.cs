using System.Collections.Concurrent;

namespace CloudPbx.State.Bans;

/// <summary>A worker's memory of the accounts that are guessed at from many sources, and of whose turn it is. While Redis is away it goes on with what it knows.</summary>
/// <remarks>Thread-safe.</remarks>
public sealed class AttackTable(TimeProvider time)
{
    /// <summary>Accounts in all: what an attack on everybody costs is bounded; when full, the one that ends first makes room.</summary>
    public const int Capacity = 10_000;

    private static readonly TimeSpan s_turn = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<AttackedAccount, Attack> _attacks = new();
    private readonly PriorityQueue<AttackedAccount, DateTime> _ends = new();      // one for each end that was told; what is no account's end any more is passed over
    private readonly Lock _gate = new();                        // taken when an attack begins or ends, never for a message

    /// <summary>Whether no account is under attack, which is mostly so.</summary>
    public bool IsEmpty => _attacks.IsEmpty;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Whether an account is under attack now.</summary>
    public bool Covers(in AttackedAccount account) => _attacks.TryGetValue(account, out Attack? attack) && attack.Until > Now;

    /// <summary>Takes the one try that all strangers to an attacked account have in a second.</summary>
    /// <returns>Whether there was one; of an account that is not attacked there is.</returns>
    public bool TryTakeTurn(in AttackedAccount account)
    {
        DateTime now = Now;
        return !_attacks.TryGetValue(account, out Attack? attack) || attack.Until <= now || attack.TryTake(now, now - s_turn);
    }

    /// <summary>An account is under attack until an instant, UTC.</summary>
    public void Add(in AttackedAccount account, DateTime until)
    {
        lock (_gate)
        {
            if (_attacks.TryGetValue(account, out Attack? attack))
            {
                if (attack.Until == until)
                    return;
                attack.Until = until;
            }
            else
            {
                if (_attacks.Count >= Capacity && !MakeRoom(until))
                    return;
                _attacks[account] = new Attack { Until = until };
            }
            _ends.Enqueue(account, until);
        }
    }

    /// <summary>Takes all that is known in; what is over leaves.</summary>
    public void Take(IEnumerable<(AttackedAccount Account, DateTime Until)> attacks)
    {
        ArgumentNullException.ThrowIfNull(attacks);
        foreach ((AttackedAccount account, DateTime until) in attacks)
            Add(account, until);
        lock (_gate)
            Sweep();
    }

    private void Sweep()
    {
        DateTime now = Now;
        while (_ends.TryPeek(out AttackedAccount account, out DateTime end) && end <= now)
            Leave(account, end);
    }

    // The one that would end first leaves, be it the new one.
    private bool MakeRoom(DateTime until)
    {
        while (_attacks.Count >= Capacity && _ends.TryPeek(out AttackedAccount account, out DateTime end) && end <= until)
            Leave(account, end);
        return _attacks.Count < Capacity;
    }

    private void Leave(in AttackedAccount account, DateTime end)
    {
        _ends.Dequeue();
        if (_attacks.TryGetValue(account, out Attack? attack) && attack.Until == end)
            _attacks.TryRemove(account, out _);
    }

    private sealed class Attack
    {
        private long _until;
        private long _lastTurn;

        public DateTime Until
        {
            get => new(Volatile.Read(ref _until), DateTimeKind.Utc);
            set => Volatile.Write(ref _until, value.Ticks);
        }

        public bool TryTake(DateTime now, DateTime due)
        {
            long last = Volatile.Read(ref _lastTurn);
            return last <= due.Ticks && Interlocked.CompareExchange(ref _lastTurn, now.Ticks, last) == last;
        }
    }
}
