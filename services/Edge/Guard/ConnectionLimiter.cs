using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Guard;

/// <summary>Counts connections, in all and for each source (S20).</summary>
/// <remarks>Thread-safe. An IPv6 source is its /64.</remarks>
internal sealed class ConnectionLimiter(int limit, int limitPerSource)
{
    private readonly Lock _gate = new();            // taken when a connection comes and when it goes, never for a message
    private readonly Dictionary<UInt128, int> _bySource = [];
    private int _count;

    /// <summary>Connections now.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Admits a connection.</summary>
    /// <returns>False when it must be closed; it is then not counted.</returns>
    public bool TryEnter(in InternetEndPoint source)
    {
        UInt128 key = Key(source);
        lock (_gate)
        {
            int ofSource = _bySource.GetValueOrDefault(key);
            if (_count >= limit || ofSource >= limitPerSource)
                return false;
            _bySource[key] = ofSource + 1;
            _count++;
            return true;
        }
    }

    /// <summary>Counts an admitted connection out.</summary>
    public void Leave(in InternetEndPoint source)
    {
        UInt128 key = Key(source);
        lock (_gate)
        {
            _count--;
            int ofSource = _bySource.GetValueOrDefault(key) - 1;
            if (ofSource > 0)
                _bySource[key] = ofSource;
            else
                _bySource.Remove(key);
        }
    }

    private static UInt128 Key(in InternetEndPoint source) => source.IsIPv6 ? source.Bits >> 64 << 64 : source.Bits;
}
