using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Carriers;

/// <summary>One call to a carrier for a check: rings for some seconds, hangs up at once where it is answered, and looks at what the carrier says meanwhile.</summary>
/// <remarks>Used on the tenant's thread. No caller, no record.</remarks>
internal sealed class TrunkTestCall(
    TenantRuntime tenant, WorkerServices worker, TrunkSettings trunk, EdgeFlow flow, Action<string, TrunkCheckOutcome, string> note, Action<string, string, string> suggest)
{
    private static readonly TimeSpan s_ringing = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(1);

    private readonly TrunkProfile _profile = trunk.Profile;
    private readonly List<string> _progress = [];
    private bool _hadEarlyMedia;

    /// <summary>Calls.</summary>
    /// <param name="number">The number, in the carrier's form.</param>
    public async Task RunAsync(string number)
    {
        CarrierSide side = tenant.Trunks.SideFor(trunk, ShownNumber());
        CallLeg leg = new(CallId.New(), 0, CallParty.Callee, side, number, flow) { Terms = LegTerms.For(_profile), HasMedia = true };
        LegDescription offer = await tenant.Media.OfferAsync(leg.Media, leg.Policy, null, CancellationToken.None);
        if (!offer.Accepted)
        {
            note("call", TrunkCheckOutcome.Bad, $"No media for a test call: {offer.Fault}");
            return;
        }
        try
        {
            await CallAsync(leg, side, number, offer.LocalSdp!);
        }
        finally
        {
            await tenant.Media.RemoveAsync(leg.Media, CancellationToken.None);
        }
    }

    private async Task CallAsync(CallLeg leg, CarrierSide side, string number, string offer)
    {
        ContactToken token = new(tenant.Tenant.Value, (ulong)worker.Tokens.Next(int.MaxValue), 0);
        OutgoingInviteOptions options = new CarrierInvite(side, number, "", tenant.Domain, hides: false).ToOptions(flow.ContactFor(token, secure: false)) with
        {
            Body = MessageBody.Sdp(offer),
            Reliable = leg.Terms.Reliable,
            Timer = leg.Terms.Timer,
            SessionInterval = leg.Terms.SessionInterval,
        };
        OutgoingInvite invite = tenant.Agents.Invite(options, flow);
        invite.Provisional += (_, response) => Progressed(response);
        invite.ReliabilityRefused += (_, refusal) => suggest("rel100", "off", $"{refusal.Method.Name} got {refusal.StatusCode} {refusal.ReasonPhrase}.");
        await tenant.Scheduler.FirstOf(invite.Outcome, tenant.DelayAsync(s_ringing, out TimerHandle timer));
        timer.Cancel();
        bool stopped = !invite.Outcome.IsCompleted;
        if (stopped)
            invite.Cancel(ReleaseCause.NoAnswer.Header);
        await tenant.Scheduler.FirstOf(invite.Outcome, tenant.DelayAsync(s_talk, out timer));
        timer.Cancel();
        string way = _progress.Count == 0 ? "" : $"{string.Join(", ", _progress)}, then ";
        if (!invite.Outcome.IsCompletedSuccessfully || (stopped && (await invite.Outcome).Dialog is null))
            note("call", _progress.Count > 0 ? TrunkCheckOutcome.Good : TrunkCheckOutcome.Bad, $"{number}: {way}stopped after {s_ringing.TotalSeconds:0} s{(_progress.Count == 0 ? " without any word of the carrier" : "")}");
        else
            await ConcludeAsync(leg, number, way, await invite.Outcome);
        if (_hadEarlyMedia)
            note("call", TrunkCheckOutcome.Good, $"Early media: callers hear it ({(_profile.EarlyMedia == EarlyMediaPolicy.Relay ? "relay" : "but the profile says ringback")}). If it is silence, earlyMedia: ringback.");
    }

    private void Progressed(SipResponse response)
    {
        if (response.StatusCode == 100)
            return;
        bool reliable = response.Requires("100rel"), described = MessageBody.Of(response) is { IsSdp: true };
        _progress.Add($"{response.StatusCode}{(reliable ? " reliably" : "")}{(described ? " with a session description" : "")}");
        _hadEarlyMedia |= described;
        if (reliable && _profile.Rel100 == Rel100Policy.Off)
            suggest("rel100", "auto", $"The carrier sends its {response.StatusCode} reliably although the profile says off.");
    }

    private async Task ConcludeAsync(CallLeg leg, string number, string way, InviteOutcome outcome)
    {
        if (outcome.Dialog is { } dialog)
        {
            string? answer = outcome.Response is { } ok ? MessageBody.Of(ok)?.Text : null;
            LegDescription agreed = answer is null ? LegDescription.Refused("no session description in the 200") : await tenant.Media.ReceiveAnswerAsync(leg.Media, answer, CancellationToken.None);
            await tenant.DelayAsync(s_talk, out _);
            _ = dialog.ByeAsync(ReleaseCause.Normal.Header);      // never fails
            note("call", agreed.Accepted ? TrunkCheckOutcome.Good : TrunkCheckOutcome.Doubtful,
                $"{number}: {way}200, {(agreed.Accepted ? $"{agreed.Codec}{(agreed.Encrypted ? " with SRTP" : "")}" : agreed.Fault)}{(outcome.Response?.SessionExpires is { } timer ? $", session timer {timer.Seconds} s" : "")}; hung up");
            if (answer is not null && _profile.Dtmf == TrunkDtmf.Rfc4733 && !answer.Contains("telephone-event", StringComparison.OrdinalIgnoreCase))
                suggest("dtmf", "info", "The answer takes no telephone-events.");
            return;
        }
        int status = outcome.StatusCode;
        note("call", status is 480 or 486 or 600 or 603 ? TrunkCheckOutcome.Good : TrunkCheckOutcome.Bad, $"{number}: {way}{status} {outcome.Response?.ReasonPhrase}");
        SuggestFor(status, outcome.Response);
    }

    private void SuggestFor(int status, SipResponse? response)
    {
        string said = $"The carrier refused the call with {status} {response?.ReasonPhrase}";
        switch (status)
        {
            case 401 or 407:
                suggest("accounts", "", $"{said}: no account answers its challenge, or a wrong password does.");
                break;
            case 403 or 487:
                if (_profile.FromUser != "{account}" && trunk.Accounts.Count > 0)
                    suggest("fromUser", "{account}", $"{said}: many carriers want the account in From and the number in P-Asserted-Identity.");
                if (_profile.RequestUriParameters.Length == 0)
                    suggest("requestUriParameters", "user=phone", $"{said}: IMS networks want it.");
                else if (!_profile.ParametersInFromAndTo)
                    suggest("parametersInFromAndTo", "true", $"{said}: some carriers want the parameters in From and To as well.");      // I7
                if (status == 403)
                    SuggestNoParameters(said);
                break;
            case 400 or 416 or 484 when _profile.RequestUriParameters.Length > 0:
                SuggestNoParameters(said);
                break;
            case 404 or 484 or 604:
                suggest("numbers.calledOut", "", $"{said}: it may want numbers in another form, with or without plus and country code.");
                break;
            case 415 or 488 or 606:
                suggest("codecs", "[\"PCMA\", \"PCMU\"]", $"{said}: it takes none of the codecs offered, or wants media {(_profile.Srtp == Contracts.Api.SrtpPolicy.Off ? "with" : "without")} SRTP.");
                suggest("srtp", _profile.Srtp == Contracts.Api.SrtpPolicy.Off ? "required" : "off", said + ".");
                break;
            case 420 when response?.HasToken(SipHeaderName.Unsupported, "100rel") == true:
                suggest("rel100", "off", said + ": Unsupported: 100rel.");
                break;
            case 420 when response?.HasToken(SipHeaderName.Unsupported, "timer") == true:
                suggest("sessionTimer", "off", said + ": Unsupported: timer.");
                break;
            case 421 when response?.HasToken(SipHeaderName.Require, "100rel") == true:
                suggest("rel100", "required", said + ": it requires 100rel.");
                break;
            case 513:
                suggest("codecs", "[\"PCMA\"]", $"{said}: fewer codecs make a shorter INVITE.");
                break;
        }
    }

    private void SuggestNoParameters(string said)
    {
        if (_profile.RequestUriParameters.Length > 0)
            suggest("requestUriParameters", "", $"{said}: some carriers take no parameters in the Request-URI.");
    }

    private string? ShownNumber()
    {
        string? number = tenant.Configuration.Outside.CallerNumber ?? tenant.Configuration.Numbers.Values.Where(n => n.Trunk is null || n.Trunk == trunk.Id).Select(n => n.Number).Order(StringComparer.Ordinal).FirstOrDefault();
        return number is null ? null : _profile.Numbers.CallerOut.Rewrite(number, new RouteTrail(), "caller-rewrite");
    }
}
