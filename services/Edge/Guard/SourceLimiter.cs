using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Guard;

/// <summary>A token bucket for each source address, in a table of fixed size: a flood from many addresses costs no memory (S12).</summary>
/// <remarks>
/// <para>A source is an IPv4 address or an IPv6 /64. Sources share sets of <see cref="Ways"/> buckets; a new source takes the fullest one, which belonged to
/// whoever was quiet longest. Which set a source falls into depends on a random key, so that nobody can choose whose bucket he empties.</para>
/// <para>Thread-safe; never allocates.</para>
/// </remarks>
internal sealed class SourceLimiter
{
    private const int Ways = 4;
    private const int Sets = 16384;
    private const int Locks = 256;

    private readonly TimeProvider _time;
    private readonly double _perTick;
    private readonly double _burst;
    private readonly SourceHash _hash = SourceHash.Create();
    private readonly Bucket[] _buckets = new Bucket[Sets * Ways];
    private readonly Lock[] _locks = new Lock[Locks];       // a bucket is read and written as one: UDP threads and connections meet here

    /// <summary>Makes the table.</summary>
    /// <param name="perSecond">Tokens that a bucket regains each second; 0 switches the limit off.</param>
    /// <param name="burst">Tokens that a full bucket holds.</param>
    /// <param name="time">The clock.</param>
    public SourceLimiter(int perSecond, int burst, TimeProvider time)
    {
        _time = time;
        _perTick = (double)perSecond / time.TimestampFrequency;
        _burst = burst;
        for (int i = 0; i < Locks; i++)
            _locks[i] = new Lock();
    }

    /// <summary>Takes one token of a source's bucket.</summary>
    /// <returns>False when the bucket is empty: the message is to be dropped without an answer.</returns>
    public bool TryTake(in InternetEndPoint source)
    {
        if (_perTick == 0)
            return true;
        ulong hash = _hash.Of(source);
        uint tag = (uint)(hash >> 32) | 1;              // 0 is an unused bucket
        int set = (int)(hash & (Sets - 1));
        Span<Bucket> ways = _buckets.AsSpan(set * Ways, Ways);
        long now = _time.GetTimestamp();
        lock (_locks[set & (Locks - 1)])
        {
            ref Bucket bucket = ref Find(ways, tag, now);
            double tokens = Math.Min(_burst, bucket.Tokens + (now - bucket.Stamp) * _perTick);
            bucket.Stamp = now;
            bucket.Tokens = tokens < 1 ? tokens : tokens - 1;
            return tokens >= 1;
        }
    }

    private ref Bucket Find(Span<Bucket> ways, uint tag, long now)
    {
        int fullest = 0;
        double most = -1;
        for (int i = 0; i < Ways; i++)
        {
            ref Bucket way = ref ways[i];
            if (way.Tag == tag)
                return ref way;
            double tokens = way.Tag == 0 ? double.MaxValue : way.Tokens + (now - way.Stamp) * _perTick;
            if (tokens > most)
                (fullest, most) = (i, tokens);
        }
        ref Bucket taken = ref ways[fullest];
        taken = new Bucket { Tag = tag, Tokens = _burst, Stamp = now };
        return ref taken;
    }

    private struct Bucket
    {
        public uint Tag;
        public double Tokens;
        public long Stamp;
    }
}
