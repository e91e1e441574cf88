using System.Runtime.InteropServices;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transactions;

/// <summary>
/// Requests that were answered and that nobody looks at any more, until no repetition of them can come (timer J, RFC 3261 §17.2.2; timer L, RFC 6026 §8), with the responses that a
/// repetition gets. They lie as octets in a few large pieces of memory: half a minute of a busy tenant's transactions as objects is what its garbage collections would spend their time on.
/// </summary>
/// <remarks>Used on the owner's thread. Empty, it holds no memory. Full, it forgets the oldest: a repetition that comes as late as that is taken for a new request.</remarks>
/// <param name="timers">The owner's timers.</param>
/// <param name="maximum">How many requests are known at most.</param>
internal sealed class AnsweredRequests(ITimers timers, int maximum)
{
    private const int FirstPiece = 2 * 1024;                      // a small tenant's phones register one by one
    private const int LargestPiece = 128 * 1024;                  // beyond 85,000 octets an array is never moved

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ulong, Place> _places = [];       // without references: nothing in it for a collection to follow
    private readonly List<Piece> _pieces = [];
    private int _first;                                           // number of the first piece
    private bool _scheduled;

    /// <summary>Gets how many requests are known.</summary>
    public int Count => _places.Count;

    /// <summary>Keeps a request.</summary>
    /// <param name="key">What its repetitions have in common with it.</param>
    /// <param name="response">The final response as it was sent; <see langword="null"/> where repetitions get none.</param>
    /// <param name="life">For how long at least.</param>
    public void Add(in ServerTransactionKey key, SipResponse? response, TimeSpan life)
    {
        ReadOnlySpan<byte> octets = response is null ? [] : response.ToThreadBytes();
        ReadOnlySpan<byte> name = MemoryMarshal.AsBytes(key.Text.AsSpan());
        Piece piece = PieceFor(name.Length + octets.Length);
        Place place = new(key.Method, _first + _pieces.Count - 1, piece.Length, name.Length, octets.Length);
        piece.Append(name);
        piece.Append(octets);
        piece.Until = Math.Max(piece.Until, timers.TimeProvider.GetTimestamp() + (long)(life.TotalSeconds * timers.TimeProvider.TimestampFrequency));
        ulong hash = HashOf(key);
        piece.Hashes.Add(hash);
        _places[hash] = place;                                    // of two with one hash the later is kept: the other's repetition would be a new request
        while (_places.Count > maximum && _pieces.Count > 1)
            Forget(1);
        if (!_scheduled)
            Schedule(life);
    }

    /// <summary>Whether a request was answered.</summary>
    /// <param name="key">The request's key.</param>
    public bool Knows(in ServerTransactionKey key) => TryFind(key, out _);

    /// <summary>Finds a request that was answered.</summary>
    /// <param name="key">The request's key.</param>
    /// <param name="response">What a repetition gets, parsed anew; <see langword="null"/> where it gets nothing.</param>
    /// <returns>Whether it is a repetition.</returns>
    public bool TryFind(in ServerTransactionKey key, out SipResponse? response)
    {
        response = null;
        if (_places.Count == 0 || !_places.TryGetValue(HashOf(key), out Place place))
            return false;
        ReadOnlySpan<byte> kept = _pieces[place.Piece - _first].Octets.AsSpan(place.Start, place.NameLength + place.Length);
        if (place.Method != key.Method || !kept[..place.NameLength].SequenceEqual(MemoryMarshal.AsBytes(key.Text.AsSpan())))
            return false;
        if (place.Length > 0 && SipMessage.TryParse(kept[place.NameLength..], out SipMessage? message) == SipParseError.None)
            response = message as SipResponse;
        return true;
    }

    // 64 bits of the runtime's hash with its random seed: nobody foresees which two collide, and the name is compared all the same.
    private static ulong HashOf(in ServerTransactionKey key)
    {
        ReadOnlySpan<char> text = key.Text;
        uint whole = (uint)string.GetHashCode(text), part = (uint)string.GetHashCode(text[(text.Length / 2)..]);
        return ((ulong)whole << 32) | (part ^ (uint)key.Method.GetHashCode());
    }

    private Piece PieceFor(int length)
    {
        if (_pieces is [.., { } last] && last.Octets.Length - last.Length >= length)
            return last;
        int size = _pieces is [.., { } full] ? Math.Min(full.Octets.Length * 2, LargestPiece) : FirstPiece;
        Piece piece = new(Math.Max(size, length));
        _pieces.Add(piece);
        return piece;
    }

    private void Schedule(TimeSpan after)
    {
        _scheduled = true;
        timers.Schedule(after, static me => ((AnsweredRequests)me!).Look(), this);
    }

    private void Look()
    {
        long now = timers.TimeProvider.GetTimestamp();
        int over = _pieces.FindIndex(piece => piece.Until > now);
        if (over < 0)
            over = _pieces.Count;
        Forget(over);
        _scheduled = false;
        if (_pieces is [{ } next, ..])
        {
            TimeSpan left = TimeSpan.FromSeconds((double)(next.Until - now) / timers.TimeProvider.TimestampFrequency);
            Schedule(left > s_pause ? left : s_pause);
            return;
        }
        _places.TrimExcess();
    }

    private void Forget(int pieces)
    {
        for (int i = 0; i < pieces; i++)
            foreach (ulong hash in _pieces[i].Hashes)
                if (_places.TryGetValue(hash, out Place place) && place.Piece == _first + i)
                    _places.Remove(hash);
        _pieces.RemoveRange(0, pieces);
        _first += pieces;
    }

    private readonly record struct Place(SipMethod Method, int Piece, int Start, int NameLength, int Length);

    private sealed class Piece(int size)
    {
        public byte[] Octets { get; } = GC.AllocateUninitializedArray<byte>(size);

        public int Length { get; private set; }

        public long Until { get; set; }

        public List<ulong> Hashes { get; } = [];

        public void Append(ReadOnlySpan<byte> octets)
        {
            octets.CopyTo(Octets.AsSpan(Length));
            Length += octets.Length;
        }
    }
}
