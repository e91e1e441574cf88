using System.Numerics;
using CloudPbx.Net.Sockets;
using CloudPbx.State.Bans;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Guard;

/// <summary>
/// Notices who asks for one name after the other and never shows a password (SECURITY.md S2): phones ask for their own name. Such a source gets silence for a while, be there such names or not; a list of
/// scanners' User-Agents is a hint that doubles the weight. Wrong passwords are the workers' to count.
/// </summary>
/// <remarks>
/// <para>An address from which somebody authenticated is not trapped: phones behind one NAT have one address. After an outage all of them may ask before the first has an answer, so nobody who is not on
/// the list is caught in his first seconds. Datagrams and connections count apart, since a datagram's address may be forged: nobody can have those who come by
/// TCP or TLS silenced. For the same reason the silence is short, does not grow, and leads to no ban.</para>
/// <para>Names are counted by 64 bits of which each sets one, so by chance some more or fewer than the limit are heard. A table of fixed size with a random key, as the <see cref="SourceLimiter"/>'s. Thread-safe; never allocates.</para>
/// </remarks>
internal sealed class ScannerTrap
{
    /// <summary>How long an address counts as one from which somebody authenticated: phones register at least once an hour.</summary>
    public static readonly TimeSpan TrustedFor = TimeSpan.FromMinutes(65);

    /// <summary>How long whoever does not call himself a scanner may ask for whatever he likes: the workers of phones that come back at once may be busy, or just be taking over.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int Ways = 4;
    private const int Sets = 4096;
    private const int Locks = 64;

    private readonly TimeProvider _time;
    private readonly BanTable _bans;
    private readonly int _bits, _scannersBits;              // that so many names set on average
    private readonly long _window, _silence, _trust, _patience;      // ticks of the clock
    private readonly SourceHash _hash = SourceHash.Create();
    private readonly Entry[] _entries = new Entry[Sets * Ways];
    private readonly Lock[] _locks = new Lock[Locks];       // an entry is read and written as one: UDP threads and connections meet here

    public ScannerTrap(IOptions<BanOptions> options, BanTable bans, TimeProvider time)
    {
        _time = time;
        _bans = bans;
        BanOptions bounds = options.Value;
        _bits = BitsOf(bounds.TrapNames);
        _scannersBits = BitsOf((bounds.TrapNames + 1) / 2);
        _window = bounds.WindowSeconds * time.TimestampFrequency;
        _silence = bounds.TrapSeconds * time.TimestampFrequency;
        _trust = (long)TrustedFor.TotalSeconds * time.TimestampFrequency;
        _patience = (long)Patience.TotalSeconds * time.TimestampFrequency;
        for (int i = 0; i < Locks; i++)
            _locks[i] = new Lock();
    }

    /// <summary>A stranger asks for somebody, without credentials.</summary>
    /// <param name="source">From where.</param>
    /// <param name="isConnection">Whether over a connection, which proves its address.</param>
    /// <param name="name">For whom.</param>
    /// <param name="isScanner">Whether he calls himself a scanner.</param>
    /// <returns>Whether he gets an answer; when the silence begins the second value is true once.</returns>
    public (bool IsHeard, bool IsCaught) Ask(in InternetEndPoint source, bool isConnection, ReadOnlySpan<byte> name, bool isScanner)
    {
        if (_bits == 0)
            return (true, false);
        var hash = new HashCode();                          // of a random key of the process
        hash.AddBytes(name);
        ulong bit = 1UL << (hash.ToHashCode() & 63);
        long now = _time.GetTimestamp();
        lock (GateOf(source, isConnection, out Span<Entry> ways, out uint tag))
        {
            ref Entry entry = ref Find(ways, tag, now);
            if (entry.TrustedUntil > now)
                return (true, false);
            if (entry.SilentUntil > now)
                return (false, false);
            if (now - entry.Stamp > _window)
                entry.Names = 0;
            if (entry.Names == 0)
                entry.Since = now;
            entry.Stamp = now;
            entry.Names |= bit;
            if ((!isScanner && now - entry.Since < _patience) || BitOperations.PopCount(entry.Names) < (isScanner ? _scannersBits : _bits) || _bans.IsTrusted(new BanSource(source.Bits, source.IsIPv6)))
                return (true, false);
            entry.Names = 0;
            entry.SilentUntil = now + _silence;
            return (false, true);
        }
    }

    /// <summary>Somebody authenticated from an address.</summary>
    /// <param name="source">From where.</param>
    public void Authenticated(in InternetEndPoint source)
    {
        if (_bits == 0)
            return;
        Trust(source, isConnection: false);
        Trust(source, isConnection: true);
    }

    private static int BitsOf(int names) => (int)Math.Round(64 * (1 - Math.Pow(63 / 64d, names)));

    private void Trust(in InternetEndPoint source, bool isConnection)
    {
        long now = _time.GetTimestamp();
        lock (GateOf(source, isConnection, out Span<Entry> ways, out uint tag))
        {
            ref Entry entry = ref Find(ways, tag, now);
            entry = new Entry { Tag = tag, Stamp = now, TrustedUntil = now + _trust };
        }
    }

    private Lock GateOf(in InternetEndPoint source, bool isConnection, out Span<Entry> ways, out uint tag)
    {
        ulong hash = _hash.Of(source);
        tag = (uint)(hash >> 32) & ~3u | 2u | (isConnection ? 1u : 0);      // 0 is an unused entry
        int set = (int)(hash & (Sets - 1));
        ways = _entries.AsSpan(set * Ways, Ways);
        return _locks[set & (Locks - 1)];
    }

    // A new source takes the place of the one that was heard of longest ago.
    private static ref Entry Find(Span<Entry> ways, uint tag, long now)
    {
        int oldest = 0;
        for (int i = 0; i < Ways; i++)
        {
            if (ways[i].Tag == tag)
                return ref ways[i];
            if (ways[i].Tag == 0 || (ways[oldest].Tag != 0 && ways[i].Stamp < ways[oldest].Stamp))
                oldest = i;
        }
        ways[oldest] = new Entry { Tag = tag, Stamp = now };
        return ref ways[oldest];
    }

    private struct Entry
    {
        public uint Tag;
        public ulong Names;
        public long Since;
        public long Stamp;
        public long SilentUntil;
        public long TrustedUntil;
    }
}
