using CloudPbx.CallControl.Calls;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Ladders;

/// <summary>The ladder of a call for people.</summary>
internal sealed partial class CallLadder
{
    // A call that talked as long, whose parties heard each other and hung up by themselves, went well: of such ones, which are most of all, nobody asks why they failed. What made and ended them
    // stays; the rest would be three quarters of what a record weighs in spool, bus and database.
    private static readonly TimeSpan s_short = TimeSpan.FromSeconds(10);
    private const double GoodMos = 3.6;                           // "some users dissatisfied" begins below (ITU-T G.107 Annex B)

    /// <summary>The call is over: the ladder as it goes into the record. From now on it takes nothing, and keeps nothing.</summary>
    /// <param name="record">The call's record.</param>
    /// <param name="endedAt">When it ended, UTC.</param>
    /// <returns>Null where no message was seen.</returns>
    public SipLadder? Close(CallRecord record, DateTime endedAt)
    {
        SipLadder? ladder = _isClosed ? null : ToLadder(WentWell(record, endedAt));
        _isClosed = true;
        foreach (LadderLeg leg in _legs)
            book.Forget(leg);
        _entries = [];
        _last = [];
        return ladder;
    }

    /// <summary>All that is known so far, for the next owner of a call that is handed over.</summary>
    public SipLadder? SoFar() => ToLadder(isShortened: false);

    /// <summary>What an earlier owner saw.</summary>
    /// <param name="before">That; null where it has not told.</param>
    /// <param name="isWhole">Whether that is all that was said: it gave the call away by itself.</param>
    public void Continue(SipLadder? before, bool isWhole)
    {
        _before = before;
        _lostUntil = isWhole ? before?.LostUntil : _offset;
    }

    private static bool WentWell(CallRecord record, DateTime endedAt) =>
        record.AnsweredAt is { } answered && endedAt - answered >= s_short && record.ReleasedBy != CallParty.System
        && record.Media.TrueForAll(leg => leg is { PacketsReceived: > 0, Mos: null or >= GoodMos });

    private SipLadder? ToLadder(bool isShortened)
    {
        List<LadderMessage> messages = [];
        foreach (LadderMessage message in _before?.Messages ?? [])
            if (!isShortened || Matters(message.Method, message.Status))
                messages.Add(message);
        for (int i = 0; i < _count; i++)
            Tell(_entries[i], isShortened, messages);
        for (int i = Math.Max(0, _further - Last); i < _further; i++)
            Tell(_last[i % Last], isShortened, messages);
        if (messages.Count == 0)
            return null;
        List<LadderParty> parties = [];                           // in the order in which they spoke
        foreach (LadderMessage message in messages)
            if (!parties.Exists(party => party.Leg == message.Leg) && PartyOf(message.Leg) is { } party)
                parties.Add(party);
        return new SipLadder
        {
            Parties = parties,
            Messages = messages,
            Omitted = (_before?.Omitted ?? 0) + Math.Max(0, _further - Last),
            IsShortened = isShortened,
            LostUntil = _lostUntil,
        };
    }

    // A leg that this owner knows is told by it; it may have moved to another address since.
    private LadderParty? PartyOf(int leg) => _legs.Find(known => known.Number == leg) is { } known ? known.ToParty() : _before?.Parties.FirstOrDefault(party => party.Leg == leg);

    private static void Tell(in LadderEntry entry, bool isShortened, List<LadderMessage> messages)
    {
        bool isNote = entry.Marks.HasFlag(LadderMarks.Note);
        if (isShortened && !Matters(isNote ? null : entry.Method.Name, entry.Status))
            return;
        messages.Add(new LadderMessage
        {
            At = entry.At,
            Leg = entry.Leg,
            FromParty = entry.Marks.HasFlag(LadderMarks.FromParty),
            Method = isNote ? null : LadderTexts.Take(entry.Method.Name, LadderTexts.LongestName),
            Status = entry.Status,
            Phrase = isNote || entry.Status == 0 ? null : entry.Texts?.Phrase ?? SipReasonPhrases.Of(entry.Status),
            CSeq = entry.CSeq,
            Target = entry.Texts?.Target,
            Reason = entry.Texts?.Reason,
            Warning = entry.Texts?.Warning,
            RetryAfter = entry.Texts?.RetryAfter,
            Identity = entry.Texts?.Identity,
            Media = isShortened ? null : entry.Media.ToMedia(),
            HasCredentials = entry.Marks.HasFlag(LadderMarks.Credentials),
            Repeats = entry.Repeats,
            IsUnsent = entry.Marks.HasFlag(LadderMarks.Unsent),
            Note = entry.Texts?.Note,
        });
    }

    /// <summary>What makes or ends a call, or one of its legs.</summary>
    private static bool Matters(string? method, int status) => method switch
    {
        "INVITE" => status is 0 or >= 200,
        "BYE" or "CANCEL" or "REFER" => status == 0,
        _ => false,
    };
}
