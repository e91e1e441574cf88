using System.Net;
using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.Contracts.Events;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Ladders;

/// <summary>A leg in its call's ladder: sees the messages of its dialog in both directions.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class LadderLeg : IMessageWitness
{
    private const int ShownOfCallId = 12;

    private readonly CallLadder _ladder;
    private readonly SipTransport? _transport;
    private readonly IPEndPoint? _remote;
    private string? _agent;

    /// <summary>A leg of a call.</summary>
    public LadderLeg(CallLadder ladder, CallLeg leg)
    {
        _ladder = ladder;
        Number = leg.Number;
        Side = leg.Party;
        Kind = leg.Carrier is not null ? LadderPartyKind.Trunk : leg.IsBrowser ? LadderPartyKind.Browser : LadderPartyKind.Phone;
        Name = leg.Carrier?.Trunk.Name ?? leg.Extension;
        Outside = leg.Carrier is null ? null : leg.Extension;
        _transport = leg.Flow.Transport;
        _remote = leg.Flow.Remote;
        _agent = LadderTexts.Take(leg.Binding?.UserAgent, LadderTexts.LongestName);
    }

    /// <summary>A trunk that could not be reached.</summary>
    public LadderLeg(CallLadder ladder, int number, CallParty side, string trunk, string outside)
    {
        _ladder = ladder;
        Number = number;
        Side = side;
        Kind = LadderPartyKind.Trunk;
        Name = trunk;
        Outside = outside;
    }

    /// <summary>The leg's number in its call.</summary>
    public int Number { get; }

    /// <summary>Which side of the call it is.</summary>
    public CallParty Side { get; }

    /// <summary>What is at the other end.</summary>
    public LadderPartyKind Kind { get; }

    /// <summary>The extension, or the trunk's name.</summary>
    public string Name { get; }

    /// <summary>The number outside, of a trunk.</summary>
    public string? Outside { get; }

    /// <summary>What its messages are found by, once it has said something: the Call-ID, and whether it is one of ours.</summary>
    public LadderKey? Key { get; set; }

    /// <summary>The party sent a message.</summary>
    public void Received(SipMessage message)
    {
        _agent ??= LadderTexts.Take(message.Headers.Get(message is SipRequest ? SipHeaderName.UserAgent : SipHeaderName.Server), LadderTexts.LongestName);
        _ladder.Add(this, message, LadderMarks.FromParty, null);
    }

    /// <summary>The party's first message, that the call began with.</summary>
    /// <param name="invite">Its INVITE.</param>
    /// <param name="called">Whom it calls.</param>
    public void Began(SipRequest invite, string called)
    {
        _agent ??= LadderTexts.Take(invite.Headers.Get(SipHeaderName.UserAgent), LadderTexts.LongestName);
        _ladder.Add(this, invite, LadderMarks.FromParty, new LadderTexts
        {
            Target = LadderTexts.Take(called, LadderTexts.LongestName),
            // A phone's own words about itself prove nothing (SECURITY.md S8).
            Identity = Kind == LadderPartyKind.Trunk ? LadderTexts.Take(CallerAttestation.Of(invite)) : null,
        });
    }

    /// <inheritdoc/>
    public void Sent(SipMessage message, bool taken)
    {
        LadderTexts? texts = null;
        if (message is SipRequest request && request.Method == SipMethod.Invite && request.To.Tag is null)
        {
            if (Key is not { IsOurs: true } key || key.CallId != request.CallId)
                _ladder.Watch(this, new LadderKey(request.CallId, IsOurs: true));
            // Not the Request-URI: a phone's Contact says where it is.
            if (Outside is not null)
                texts = new LadderTexts { Target = LadderTexts.Take(Outside, LadderTexts.LongestName) };
        }
        _ladder.Add(this, message, taken ? LadderMarks.None : LadderMarks.Unsent, texts);
    }

    /// <summary>The party for people.</summary>
    public LadderParty ToParty() => new()
    {
        Leg = Number,
        Side = Side,
        Kind = Kind,
        Name = LadderTexts.Take(Name, LadderTexts.LongestName) ?? "",
        Number = LadderTexts.Take(Outside, LadderTexts.LongestName),
        Transport = _transport is { } transport ? Flow.TransportName(transport) : null,
        Address = _remote?.ToString(),
        Agent = string.IsNullOrEmpty(_agent) ? null : _agent,
        CallId = Key is { } key ? LadderTexts.Take(key.CallId.Length > ShownOfCallId ? key.CallId[..ShownOfCallId] : key.CallId, ShownOfCallId) : null,
    };
}
