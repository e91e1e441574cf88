using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.Contracts.Events;
using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// Codecs that the media node can only pass on (G.729, AMR): two parties may talk in them, but nobody can record, supervise or mix that, and we cannot be heard. Where it is known
/// before, they are neither offered nor taken (RFC 3264 §5, §6); where it comes up in the talk, both parties are asked for another codec.
/// </summary>
internal sealed partial class Call
{
    private bool _answers;                                        // we are who the caller talks with, or hears
    private bool _changesCodec;
    private RecordingState? _beginning;                           // the media node has not taken it yet

    /// <summary>What may be agreed on with a party: nothing that cannot be decoded where that has to be.</summary>
    public LegPolicy PolicyOf(CallLeg leg) => MustBeDecoded(leg) ? leg.Policy with { DecodableOnly = true } : leg.Policy;

    // A call for help is better not recorded than refused (SECURITY.md S36).
    private bool MustBeDecoded(CallLeg leg) => !leg.IsForHelp && (_answers || _changesCodec || (_phase == CallPhase.Talking ? IsDecoded : WillBeDecoded(leg)));

    // What is in force: who talks in another codec may hold, be refreshed and be transferred as before, whatever is wanted of the talk by now.
    private bool IsDecoded => (Running is { } running && !ReferenceEquals(running, _beginning)) || _room is not null || _supervision is not null || _tenant.Calls.IsSupervised(Id);

    private bool WillBeDecoded(CallLeg leg) => _supervision is not null || _plan?.Target is Routing.RouteTarget.ToConference || Running is not null
        || (!Record.StaysUnrecorded && !_tenant.Configuration.StorageFull && (AsksForRecording || WantsRecording(leg, makes: leg.Party == CallParty.Caller)));

    /// <summary>
    /// Asks the parties, one after the other, to talk in a codec that can be decoded. Where one refuses, the other goes back to what that one speaks. In a call for help nobody is asked (SECURITY.md S36).
    /// </summary>
    /// <returns>Whether they do.</returns>
    public async Task<bool> ChangeCodecAsync()
    {
        if (_asksPartner || _phase != CallPhase.Talking || _caller.Dialog is null || _caller.IsForHelp || _callee is { IsForHelp: true })
            return false;
        (_asksPartner, _changesCodec) = (true, true);
        _negotiations++;
        List<CallLeg> asked = [];                                 // who has accepted, whatever came of its answer
        bool agreed = true;
        try
        {
            foreach (CallLeg leg in (CallLeg[])[.. _callee is { } callee ? [callee] : (CallLeg[])[], _caller])
                agreed = agreed && await ReofferAsync(leg, asked);
        }
        finally
        {
            (_asksPartner, _changesCodec) = (false, false);
            _negotiations--;
        }
        if (!agreed && !_over.IsCancellationRequested)
        {
            foreach (CallLeg leg in asked)
                await RepairAsync(leg, leg.Policy);           // whatever that codec is
        }
        return agreed;
    }

    private async Task<bool> ReofferAsync(CallLeg leg, List<CallLeg> asked)
    {
        if (leg.Dialog is not { IsEnded: false } dialog || _over.IsCancellationRequested)
            return false;
        LegDescription offer = await Media.OfferAsync(leg.Media, PolicyOf(leg), asked is [var first, ..] ? first.Media : null, CancellationToken.None);
        if (!offer.Accepted)
            return false;
        ReinviteOutcome outcome = await dialog.ReinviteAsync(MessageBody.Sdp(offer.LocalSdp!));
        if (outcome.IsAccepted)
            asked.Add(leg);
        return outcome is { IsAccepted: true, Body: { IsSdp: true } answer } && !_over.IsCancellationRequested
            && (await ReceiveAnswerAsync(leg, answer.Text, CancellationToken.None)).Accepted;
    }

    // RFC 3261 §21.4.26, §21.6.4: the session description is refused, by whom we would offer it or by whom we did.
    private static bool IsOfCodec(LegDescription offer, ReinviteOutcome? outcome) => offer.Fault == LegFaults.NoCommonCodec || outcome is { IsAccepted: false, StatusCode: 488 or 606 };

    private static bool IsOfCodec(string fault) => fault is LegFaults.NotDecodable or LegFaults.OtherCodecNeeded;
}
