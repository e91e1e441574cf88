using CloudPbx.CallControl.Calls;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.CallControl.Ladders;

/// <summary>
/// What the legs of a call and CloudPbx have said to each other, message by message. While the call goes on a message costs an entry of a few dozen octets, of which nothing is a copy of it; it
/// becomes text when the record is made. Bounded: the first messages and the last ones are kept, and so many characters of peers' words.
/// </summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class CallLadder(LadderBook book, TimeProvider time, DateTime startedAt)
{
    /// <summary>How many messages from the call's beginning are kept.</summary>
    public const int First = 120;

    /// <summary>How many of the last ones are kept where there were more.</summary>
    public const int Last = 40;

    private const int MostLegs = 64;
    private const int MostCharacters = 8192;
    private const int LookBack = 8;                               // a message that is sent again is not far behind

    private readonly long _began = time.GetTimestamp();
    private readonly int _offset = Milliseconds(time.GetUtcNow().UtcDateTime - startedAt);       // a later owner's clock begins later
    private readonly List<LadderLeg> _legs = [];
    private LadderEntry[] _entries = new LadderEntry[16];
    private LadderEntry[] _last = [];
    private int _count;
    private int _further;
    private int _characters;
    private SipLadder? _before;
    private int? _lostUntil;
    private bool _isClosed;

    /// <summary>A leg that we call.</summary>
    public void Add(CallLeg leg)
    {
        if (_legs.Count >= MostLegs || _isClosed)
            return;
        LadderLeg place = new(this, leg);
        _legs.Add(place);
        leg.Flow.Witness = place;
    }

    /// <summary>A leg that called us.</summary>
    /// <param name="leg">The leg.</param>
    /// <param name="transaction">Its INVITE's transaction.</param>
    /// <param name="called">Whom it calls.</param>
    public void Add(CallLeg leg, ServerTransaction transaction, string called)
    {
        Add(leg);
        if (leg.Flow.Witness is not LadderLeg place || !_legs.Contains(place))
            return;
        Watch(place, new LadderKey(transaction.Request.CallId, IsOurs: false));
        place.Began(transaction.Request, called);
    }

    /// <summary>A leg that has a dialog already: another call's, or an earlier owner's.</summary>
    /// <param name="leg">The leg.</param>
    /// <param name="callId">The dialog's Call-ID.</param>
    /// <param name="isOurs">Whether we began it.</param>
    public void Adopt(CallLeg leg, string? callId, bool isOurs)
    {
        Add(leg);
        if (callId is not null && leg.Flow.Witness is LadderLeg place && _legs.Contains(place))
            Watch(place, new LadderKey(callId, isOurs));
    }

    /// <summary>A leg that is known has this dialog.</summary>
    public void Resume(CallLeg leg, LadderKey key)
    {
        if (_legs.Find(known => known.Number == leg.Number) is { } place)
            Watch(place, key);
    }

    /// <summary>A leg that was to go to another call stays.</summary>
    public void TakeBack(CallLeg leg)
    {
        if (_legs.Find(known => known.Number == leg.Number) is not { } place)
            return;
        leg.Flow.Witness = place;
        if (place.Key is { } key)
            Watch(place, key);
    }

    /// <summary>A trunk's server could not be asked.</summary>
    /// <param name="number">The leg's number, where the trunk has none yet.</param>
    /// <param name="side">Which side of the call it would be.</param>
    /// <param name="trunk">The trunk's name.</param>
    /// <param name="outside">The number that was to be called.</param>
    /// <param name="why">Why.</param>
    public void Unreached(int number, CallParty side, string trunk, string outside, string why)
    {
        if (_isClosed)
            return;
        LadderLeg? place = _legs.Find(leg => leg.Key is null && leg.Kind == LadderPartyKind.Trunk && leg.Name == trunk && leg.Outside == outside);
        if (place is null)
        {
            if (_legs.Count >= MostLegs)
                return;
            _legs.Add(place = new LadderLeg(this, number, side, trunk, outside));
        }
        Keep(new LadderEntry { At = Now(), Leg = (short)place.Number, Marks = LadderMarks.Note, Texts = new LadderTexts { Note = LadderTexts.Take(why) } });
    }

    /// <summary>A leg's messages come to it from now on.</summary>
    public void Watch(LadderLeg leg, LadderKey key)
    {
        if (!_isClosed)
            book.Watch(leg, key);
    }

    /// <summary>A message came or went.</summary>
    public void Add(LadderLeg leg, SipMessage message, LadderMarks marks, LadderTexts? texts)
    {
        if (_isClosed)
            return;
        LadderEntry entry = new() { At = Now(), Leg = (short)leg.Number, CSeq = message.CSeq.Number, Method = message.CSeq.Method, Marks = marks, Media = SdpGlance.Of(message.Body.Span) };
        if (message is SipResponse response)
            entry.Status = (short)response.StatusCode;
        else if (message.Headers.Has(SipHeaderName.Authorization) || message.Headers.Has(SipHeaderName.ProxyAuthorization))
            entry.Marks |= LadderMarks.Credentials;
        if (IsRepeated(entry))
            return;
        entry.Texts = texts ?? (message is SipRequest request ? LadderTexts.Of(request) : LadderTexts.Of((SipResponse)message));
        Keep(entry);
    }

    private int Now() => Milliseconds(time.GetElapsedTime(_began)) + _offset;

    private static int Milliseconds(TimeSpan span) => (int)Math.Clamp(span.TotalMilliseconds, 0, int.MaxValue / 2);

    private bool IsRepeated(in LadderEntry entry)
    {
        int kept = Math.Min(LookBack, _count + Math.Min(_further, Last));
        for (int back = 1; back <= kept; back++)
        {
            ref LadderEntry known = ref FromEnd(back);
            if (!known.IsSame(entry))
                continue;
            known.Repeats++;
            return true;
        }
        return false;
    }

    /// <summary>The message that was kept so many before now; 1 is the latest.</summary>
    private ref LadderEntry FromEnd(int back)
    {
        int inLast = Math.Min(_further, Last);
        return ref back <= inLast ? ref _last[(_further - back) % Last] : ref _entries[_count - (back - inLast)];
    }

    private void Keep(LadderEntry entry)
    {
        if (entry.Texts is { } texts && (_characters += texts.Length) > MostCharacters)
            entry.Texts = null;
        if (_count == First)
        {
            if (_last.Length == 0)
                _last = new LadderEntry[Last];
            _last[_further++ % Last] = entry;
            return;
        }
        if (_count == _entries.Length)
            Array.Resize(ref _entries, Math.Min(2 * _count, First));
        _entries[_count++] = entry;
    }
}
