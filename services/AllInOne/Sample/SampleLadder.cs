using System.Globalization;
using CloudPbx.Contracts.Events;

namespace CloudPbx.AllInOne.Sample;

/// <summary>The SIP messages of a call of the sample, such as its phones and the carrier would have sent.</summary>
internal sealed class SampleLadder
{
    private const int CallerLeg = 1, CalleeLeg = 2, ColleagueLeg = 3;
    private const int LeastOfGood = 10_000;                       // a call that talked as long and well is kept as what made and ended it
    private const int Hop = 14;                                   // milliseconds between two messages that nobody has to think about

    private static readonly string[] s_agents = ["Yealink SIP-T46U 108.86.0.45", "snomD785/10.1.184.14", "GNOME Calls 48.1", "Linphone-Desktop/5.3.0", "baresip v3.20.0", "Grandstream GXP2170 1.0.11.64"];
    private static readonly string[] s_wide = ["opus", "G722", "PCMA", "PCMU", "telephone-event"], s_narrow = ["PCMA", "PCMU", "telephone-event"], s_foreign = ["G729", "telephone-event"];

    private readonly SampleCall _call;
    private readonly List<LadderParty> _parties = [];
    private readonly List<LadderMessage> _messages = [];
    private readonly Dictionary<int, int> _cseq = [];
    private int _at;

    private SampleLadder(SampleCall call) => _call = call;

    /// <summary>Makes them.</summary>
    /// <param name="call">The call.</param>
    /// <param name="sounded">Whether its sound was good all the time.</param>
    public static SipLadder Of(SampleCall call, bool sounded)
    {
        SampleLadder ladder = new(call);
        ladder.Call();
        bool isShortened = call.IsAnswered && call.Talks >= LeastOfGood && sounded;
        return new SipLadder
        {
            Parties = ladder._parties,
            Messages = isShortened ? ladder._messages.FindAll(message => message is { Method: "INVITE", Status: 0 or >= 200 } or { Method: "BYE" or "CANCEL", Status: 0 }) : ladder._messages,
            IsShortened = isShortened,
        };
    }

    private void Call()
    {
        bool inbound = _call.Direction == CallDirection.Inbound, outbound = _call.Direction == CallDirection.Outbound;
        Join(CallerLeg, CallParty.Caller, inbound ? null : _call.Caller, _call.Caller);
        Ask(CallerLeg, true, "INVITE", _call.Dialled, Offer(CallerLeg), credentials: !inbound);
        switch (_call.End)
        {
            case SampleEnd.UnknownNumber when !outbound:
                Refuse(404);
                return;
            case SampleEnd.Barred:
                Refuse(403);
                return;
            case SampleEnd.NoPhone:
                Refuse(480);
                return;
            case SampleEnd.CarrierAway:
                Join(CalleeLeg, CallParty.Callee, null, _call.Outside!, isReached: false);
                _at += 4_000;
                _messages.Add(new LadderMessage { At = _at, Leg = CalleeLeg, Note = "sip.carrier.example: the server's name has no address" });
                Refuse(500);
                return;
            default:
                break;
        }
        Join(CalleeLeg, CallParty.Callee, outbound ? null : _call.Callee, _call.Outside ?? _call.Callee);
        Ask(CalleeLeg, false, "INVITE", outbound ? _call.Outside : _call.Callee, Offer(CallerLeg));
        if (_call.End == SampleEnd.UnknownNumber)
        {
            Say(CalleeLeg, true, "INVITE", 404, reason: "Q.850;cause=1;text=\"Unallocated number\"", later: 380);
            Acknowledge(CalleeLeg, false);
            Refuse(404);
            return;
        }
        if (_call.End == SampleEnd.NoCommonCodec)
        {
            Say(CalleeLeg, true, "INVITE", 488, warning: $"305 {Address(CalleeLeg).Split(':')[0]} \"Incompatible media format\"", later: 60);
            Acknowledge(CalleeLeg, false);
            Refuse(488);
            return;
        }
        Say(CalleeLeg, true, "INVITE", 180, later: 130);
        Say(CallerLeg, false, "INVITE", 180);
        _at += _call.Rings;
        switch (_call.End)
        {
            case SampleEnd.Busy:
                Say(CalleeLeg, true, "INVITE", 486, reason: "Q.850;cause=17;text=\"User busy\"");
                Acknowledge(CalleeLeg, false);
                Refuse(486);
                break;
            case SampleEnd.Declined:
                Say(CalleeLeg, true, "INVITE", 603);
                Acknowledge(CalleeLeg, false);
                Refuse(603);
                break;
            case SampleEnd.Cancelled:
                Ask(CallerLeg, true, "CANCEL");
                Say(CallerLeg, false, "CANCEL", 200);
                Refuse(487);
                Cancel("SIP;cause=487;text=\"Caller gave up\"");
                break;
            case SampleEnd.NoAnswer:
                Cancel("Q.850;cause=19;text=\"No answer\"");
                Refuse(480, "Q.850;cause=19;text=\"No answer\"");
                break;
            case SampleEnd.AnsweredByColleague:
                Cancel("Q.850;cause=19;text=\"No answer\"");
                Join(ColleagueLeg, CallParty.Callee, _call.Colleague, _call.Colleague);
                Ask(ColleagueLeg, false, "INVITE", _call.Colleague, Offer(CallerLeg));
                Say(ColleagueLeg, true, "INVITE", 180, later: 130);
                _at += 2_600;
                Talk(ColleagueLeg);
                break;
            default:
                Talk(CalleeLeg);
                break;
        }
    }

    private void Talk(int leg)
    {
        Say(leg, true, "INVITE", 200, media: Answer(leg));
        Acknowledge(leg, false);
        Say(CallerLeg, false, "INVITE", 200, media: Answer(CallerLeg));
        Acknowledge(CallerLeg, true);
        _at += _call.Talks;
        if (_call.ReleasedBy == CallParty.System)
        {
            foreach (int one in (int[])[CallerLeg, leg])
            {
                Ask(one, false, "BYE", reason: "Q.850;cause=41;text=\"No media received\"");
                Say(one, true, "BYE", 200);
            }
            return;
        }
        (int first, int second) = _call.ReleasedBy == CallParty.Caller ? (CallerLeg, leg) : (leg, CallerLeg);
        Ask(first, true, "BYE");
        Say(first, false, "BYE", 200);
        Ask(second, false, "BYE", reason: "Q.850;cause=16;text=\"Normal call clearing\"");
        Say(second, true, "BYE", 200);
    }

    private void Cancel(string reason)
    {
        Ask(CalleeLeg, false, "CANCEL", reason: reason);
        Say(CalleeLeg, true, "CANCEL", 200);
        Say(CalleeLeg, true, "INVITE", 487);
        Acknowledge(CalleeLeg, false);
    }

    private void Refuse(int status, string? reason = null)
    {
        Say(CallerLeg, false, "INVITE", status, reason: reason);
        Acknowledge(CallerLeg, true);
    }

    private void Join(int leg, CallParty side, string? extension, string number, bool isReached = true) => _parties.Add(new LadderParty
    {
        Leg = leg, Side = side, Kind = extension is null ? LadderPartyKind.Trunk : LadderPartyKind.Phone, Name = extension ?? SampleCall.Trunk, Number = extension is null ? number : null,
        Transport = isReached ? extension is not null && Pick(leg, 3) != 0 ? "TLS" : "UDP" : null,
        Address = isReached ? Address(leg) : null,
        Agent = isReached ? extension is null ? "Carrier SBC 7.4" : s_agents[Pick(leg, s_agents.Length)] : null,
        CallId = isReached ? Pick(leg, int.MaxValue).ToString("x8", CultureInfo.InvariantCulture) : null,
    });

    private void Ask(int leg, bool fromParty, string method, string? target = null, LadderMedia? media = null, string? reason = null, bool credentials = false)
    {
        if (method != "CANCEL")                                   // it has the number of what it ends (RFC 3261 §9.1)
            _cseq[leg] = _cseq.GetValueOrDefault(leg) + 1;
        _messages.Add(new LadderMessage { At = _at += Hop, Leg = leg, FromParty = fromParty, Method = method, CSeq = _cseq[leg], Target = target, Media = media, Reason = reason, HasCredentials = credentials });
    }

    private void Say(int leg, bool fromParty, string method, int status, LadderMedia? media = null, string? reason = null, string? warning = null, int later = Hop) => _messages.Add(new LadderMessage
    {
        At = _at += later, Leg = leg, FromParty = fromParty, Method = method, Status = status, Phrase = PhraseOf(status), CSeq = _cseq[leg], Media = media, Reason = reason, Warning = warning,
    });

    private void Acknowledge(int leg, bool fromParty) => _messages.Add(new LadderMessage { At = _at += Hop, Leg = leg, FromParty = fromParty, Method = "ACK", CSeq = _cseq[leg] });

    private LadderMedia Offer(int leg) => new()
    {
        Codecs = _call.End == SampleEnd.NoCommonCodec ? s_foreign : _call.Direction == CallDirection.Internal ? s_wide : s_narrow, Security = _call.Encrypted && Pick(leg, 5) != 0 ? LadderSecurity.Sdes : LadderSecurity.None,
    };

    private LadderMedia Answer(int leg) => Offer(leg) with { Codecs = _call.Direction == CallDirection.Internal ? ["opus", "telephone-event"] : ["PCMA", "telephone-event"] };

    // Addresses that are nobody's (RFC 5737).
    private string Address(int leg) => leg == CallerLeg == (_call.Direction == CallDirection.Inbound) && _call.Direction != CallDirection.Internal
        ? "203.0.113.20:5060" : string.Create(CultureInfo.InvariantCulture, $"198.51.100.{10 + Pick(leg, 200)}:{20_000 + Pick(leg + 7, 40_000)}");

    private int Pick(int salt, int below) => (int)(unchecked((uint)((_call.Seed * 397) ^ (salt * 486_187_739))) % (uint)below);

    private static string PhraseOf(int status) => status switch
    {
        180 => "Ringing",
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        480 => "Temporarily Unavailable",
        486 => "Busy Here",
        487 => "Request Terminated",
        488 => "Not Acceptable Here",
        500 => "Server Internal Error",
        _ => "Decline",
    };
}
