using System.Collections.Concurrent;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Dispatch;

/// <summary>Which tenant last authenticated on a UDP flow: for phones that know no domain. A cache: what is lost is learned again from the next REGISTER.</summary>
/// <remarks>Thread-safe. Looking up allocates nothing. Connections keep their tenant themselves.</remarks>
internal sealed class FlowTenants(TimeProvider time)
{
    private const int Capacity = 100_000;

    // Phones register at least once an hour.
    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(65);

    private readonly ConcurrentDictionary<InternetEndPoint, Entry> _entries = new();
    private long _nextSweep;

    public void Learn(in InternetEndPoint remote, Guid tenant)
    {
        long now = time.GetTimestamp();
        if (_entries.Count >= Capacity && !_entries.ContainsKey(remote))
        {
            Sweep(now);
            if (_entries.Count >= Capacity)
                return;
        }
        _entries[remote] = new Entry(tenant, now);
    }

    public bool TryFind(in InternetEndPoint remote, out Guid tenant)
    {
        if (_entries.TryGetValue(remote, out Entry entry) && time.GetElapsedTime(entry.Stamp) < s_life)
        {
            tenant = entry.Tenant;
            return true;
        }
        tenant = default;
        return false;
    }

    private void Sweep(long now)
    {
        long next = Interlocked.Read(ref _nextSweep);
        if (now < next || Interlocked.CompareExchange(ref _nextSweep, now + time.TimestampFrequency, next) != next)
            return;
        foreach ((InternetEndPoint remote, Entry entry) in _entries)
        {
            if (time.GetElapsedTime(entry.Stamp, now) >= s_life)
                _entries.TryRemove(remote, out _);
        }
    }

    private readonly record struct Entry(Guid Tenant, long Stamp);
}
