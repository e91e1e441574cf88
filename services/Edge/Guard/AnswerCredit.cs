using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Guard;

/// <summary>
/// What each source has sent over UDP, less what it was answered, in octets: whoever writes somebody else's address into his datagrams gets that one no more than he sends himself
/// (SECURITY.md S32). A request that is shorter than its answer is answered when it comes again, as a UDP client's does (RFC 3261 §17.1.2.2).
/// </summary>
/// <remarks>
/// <para>A table of fixed size, without clock: a source whose place another one takes begins anew. Which place that is depends on a random key.</para>
/// <para>Thread-safe, without locks; never allocates.</para>
/// </remarks>
internal sealed class AnswerCredit
{
    /// <summary>The most that is kept for a source: the longest answer is as long as a datagram.</summary>
    public const int Most = 65_535;

    private const int Places = 32_768;

    private readonly SourceHash _hash = SourceHash.Create();
    private readonly ulong[] _places = new ulong[Places];       // above whose it is, below its octets

    /// <summary>A source has sent something.</summary>
    /// <param name="source">Its address.</param>
    /// <param name="octets">How much.</param>
    public void Earn(in InternetEndPoint source, int octets)
    {
        ref ulong place = ref Find(source, out uint tag);
        while (true)
        {
            ulong before = Volatile.Read(ref place);
            ulong has = before >> 32 == tag ? (uint)before : 0;
            ulong after = (ulong)tag << 32 | Math.Min(has + (ulong)octets, Most);
            if (before == after || Interlocked.CompareExchange(ref place, after, before) == before)
                return;
        }
    }

    /// <summary>Takes what an answer needs.</summary>
    /// <param name="source">Whom it goes to.</param>
    /// <param name="octets">How long it is.</param>
    /// <returns>False where the source has not sent as much: nothing is taken.</returns>
    public bool TrySpend(in InternetEndPoint source, int octets)
    {
        ref ulong place = ref Find(source, out uint tag);
        while (true)
        {
            ulong before = Volatile.Read(ref place);
            if (before >> 32 != tag || (uint)before < octets)
                return false;
            if (Interlocked.CompareExchange(ref place, before - (ulong)octets, before) == before)
                return true;
        }
    }

    private ref ulong Find(in InternetEndPoint source, out uint tag)
    {
        ulong hash = _hash.Of(source);
        tag = (uint)(hash >> 32) | 1;                           // 0 is nobody's place
        return ref _places[(int)(hash & (Places - 1))];
    }
}
