using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// Fax (ITU-T T.38 Annex D) and video: unlike hold they do not end at the leg. A party that begins or ends one asks for what the other must have, too; so that one is asked by
/// re-INVITE first, and the asking one is answered as it answered.
/// </summary>
internal sealed partial class Call
{
    private bool _asksPartner;

    /// <summary>Offers to a party what the other one has just offered.</summary>
    /// <param name="asking">Whose offer waits.</param>
    /// <param name="asked">The other party.</param>
    /// <returns>200 where it agreed; 491 where both parties ask at once; else that it did not, and nothing changes.</returns>
    private async Task<int> AskPartnerAsync(CallLeg asking, CallLeg asked)
    {
        if (_asksPartner)
            return 491;                                           // RFC 3261 §14.1: the one with the shorter pause asks again, and alone
        if (asked.Dialog is not { IsEnded: false } dialog)
            return 481;
        _asksPartner = true;
        try
        {
            LegDescription offer = await Media.OfferAsync(asked.Media, PolicyOf(asked), asking.Media, _over.Token);
            if (!offer.Accepted)
                return 488;
            ReinviteOutcome outcome = await dialog.ReinviteAsync(MessageBody.Sdp(offer.LocalSdp!));
            if (!outcome.IsAccepted)
                return outcome.StatusCode;
            return outcome.Body is { IsSdp: true } answer && (await ReceiveAnswerAsync(asked, answer.Text, _over.Token)).Accepted ? 200 : 488;
        }
        finally
        {
            _asksPartner = false;
        }
    }

    /// <summary>A party has another partner now, who has no fax or video with it: it is told so.</summary>
    private void EndStreamsWithFormer(CallLeg staying)
    {
        if (staying.PassesMore)
            _tenant.Scheduler.Start(() => RepairAsync(staying));
    }
}
