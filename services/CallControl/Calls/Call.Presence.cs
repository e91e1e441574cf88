using System.Globalization;
using CloudPbx.CallControl.Presence;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Live;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Calls;

/// <summary>What the call's phones do, for those who watch.</summary>
internal sealed partial class Call
{
    /// <summary>The phones that ring, call or talk in it now; carriers' legs are no phones.</summary>
    public IEnumerable<LegActivity> Activities()
    {
        foreach (CallLeg leg in _legs)
        {
            if (leg.Carrier is null && ActivityOf(leg) is { } state)
                yield return new LegActivity(leg.Extension, state);
        }
    }

    /// <summary>The same with whom they ring for, call or talk with, as colleagues may see it; of some extensions.</summary>
    /// <param name="extensions">Whether an extension is asked for.</param>
    public IEnumerable<PhoneDialog> Dialogs(Predicate<string> extensions)
    {
        foreach (CallLeg leg in _legs)
        {
            if (leg.Carrier is not null || !extensions(leg.Extension) || ActivityOf(leg) is not { } state)
                continue;
            (string number, string name) = OtherPartyOf(leg, state);
            yield return new PhoneDialog(
                leg.Extension, string.Create(CultureInfo.InvariantCulture, $"{_number:x16}-{leg.Number}"), state,
                state == ExtensionState.Calling || leg.Dialog is { State.IsCaller: false }, number, name);
        }
    }

    private ExtensionState? ActivityOf(CallLeg leg) => leg switch
    {
        { Dialog.IsEnded: false } => ExtensionState.Talking,
        _ when ReferenceEquals(leg, _caller) && _invite is { IsPending: true } => ExtensionState.Calling,
        _ when IsRinging(leg) => ExtensionState.Ringing,
        _ => null,
    };

    // A phone that was told to stop rings no more, however long its 487 takes.
    private bool IsRinging(CallLeg leg) => AttemptOf(leg) is not null || _transfer?.IsRinging(leg) == true;

    private PhoneAttempt? AttemptOf(CallLeg leg) => Array.Find(_attempts, attempt => ReferenceEquals(attempt.Leg, leg) && attempt is { IsPending: true, IsStopped: false });

    /// <summary>Who is at the other end of a phone's dialog; empty where that is nobody's business, or nobody is there.</summary>
    private (string Number, string Name) OtherPartyOf(CallLeg leg, ExtensionState state)
    {
        if (state == ExtensionState.Ringing)
        {
            IRinging? ringing = AttemptOf(leg)?.For ?? _transfer;
            if (!ReferenceEquals(ringing, this))
                return (ringing?.Identity.Number ?? "", ringing?.Identity.Name ?? "");
            return HidesCaller ? ("", "") : (Record.CallerNumber, Record.CallerName);
        }
        if (state == ExtensionState.Calling || Partner(leg) is not { } partner)
            return (Record.CalledNumber, "");
        if (!ReferenceEquals(partner, _caller))
            return (partner.Extension, partner.Carrier is null ? NameOf(partner.Extension) : "");
        if (HidesCaller)
            return ("", "");
        // A party that came in the caller's place is no longer the one of the record.
        return partner is { Number: 0, Party: CallParty.Caller } ? (Record.CallerNumber, Record.CallerName) : (partner.Extension, NameOf(partner.Extension));
    }

    // RFC 3323: what a phone of the tenant says of itself; a carrier's caller that hides has no number in the record.
    private bool HidesCaller => _invite?.Request.Headers.GetValues(SipHeaderName.Privacy).Any(value => !value.Equals("none", StringComparison.OrdinalIgnoreCase)) == true;
}
