using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>What an outgoing INVITE is made of. Via, CSeq, Max-Forwards, Allow, Supported and User-Agent are added by the layer.</summary>
public sealed record OutgoingInviteOptions
{
    /// <summary>Gets the Request-URI.</summary>
    public required SipUri RequestUri { get; init; }

    /// <summary>Gets From; its tag is set by the layer.</summary>
    public required NameAddress From { get; init; }

    /// <summary>Gets To, without tag.</summary>
    public required NameAddress To { get; init; }

    /// <summary>Gets our Contact, for the whole dialog.</summary>
    public required NameAddress Contact { get; init; }

    /// <summary>Gets the Route values in order, each as <c>&lt;sip:…;lr&gt;</c>.</summary>
    public IReadOnlyList<string> Routes { get; init; } = [];

    /// <summary>Gets the offer; <see langword="null"/> asks the callee for one, see <see cref="InviteDialog.Acknowledge"/>.</summary>
    public MessageBody? Body { get; init; }

    /// <summary>Gets further header fields.</summary>
    public IReadOnlyList<HeaderField> Headers { get; init; } = [];

    /// <summary>Gets Max-Forwards: a back-to-back user agent gives what it received less one (threat S13); <see langword="null"/> for the layer's own.</summary>
    public int? MaxForwards { get; init; }

    /// <summary>Gets the Call-ID; <see langword="null"/> for a new one.</summary>
    public string? CallId { get; init; }

    /// <summary>Gets our From tag; <see langword="null"/> for a new one.</summary>
    public string? LocalTag { get; init; }

    /// <summary>Gets the first CSeq number; <see langword="null"/> for a random one.</summary>
    public uint? CSeq { get; init; }

    /// <summary>Gets what answers 401 and 407 here and in the dialog; <see langword="null"/> never answers a challenge.</summary>
    public DigestClient? Authentication { get; init; }

    /// <summary>Gets whether provisional responses are reliable. Without offer and without <see cref="EarlyOffer"/> they never are: nobody could answer what they offer.</summary>
    public ReliablePolicy Reliable { get; init; }

    /// <summary>Gets whether <see cref="ReliablePolicy.Off"/> is only what earlier calls taught: where the callee requires reliable provisional responses after all (421), the call is tried again with them.</summary>
    public bool ReliableIsLearned { get; init; }

    /// <summary>Gets whether the call gets a session timer.</summary>
    public SessionTimerPolicy Timer { get; init; }

    /// <summary>Gets the session interval that is asked for where the policy asks for one, in seconds (RFC 4028 §4).</summary>
    public uint SessionInterval { get; init; } = SessionTimer.Recommended;

    /// <summary>Gets who answers an offer in a reliable provisional response to an INVITE without offer, now or later, by <see cref="UserAgents.EarlyOffer.Answer"/>.</summary>
    public Action<EarlyOffer>? EarlyOffer { get; init; }
}
