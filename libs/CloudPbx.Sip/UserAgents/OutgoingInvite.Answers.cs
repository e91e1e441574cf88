using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

public sealed partial class OutgoingInvite
{
    private readonly Dictionary<string, SipRequest> _earlyByes = [];         // To tag → a BYE that overtook its 2xx (I25)

    void IOutgoingInvite.OnRequest(ServerTransaction transaction)
    {
        string tag = transaction.Request.From.Tag ?? "";
        if (transaction.Method == SipMethod.Bye)
        {
            if (_earlyByes.Count < 64)
                _earlyByes[tag] = transaction.Request;
            transaction.Respond(200);
        }
        else
        {
            AnswerEarly(transaction, tag);
        }
    }

    void IOutgoingInvite.OnAnswer(SipResponse response) => OnAnswer(response);

    /// <summary>§12.2.2: one whose CSeq number went back gets 500. A request may overtake the provisional response that makes its dialog (I25): then nothing is known of it but the tag.</summary>
    private void AnswerEarly(ServerTransaction transaction, string tag)
    {
        if (_forks.Find(tag) is not { } dialog)
            transaction.Respond(transaction.Request.Body.IsEmpty && transaction.Method != SipMethod.Invite ? SipResponse.For(transaction.Request, 200) : _layer.TryLater(transaction.Request));
        else if (!dialog.TryAdvance(transaction.Request))
            transaction.Respond(_layer.TryLater(transaction.Request));
        else if (transaction.Method == SipMethod.Prack)
            transaction.Respond(481);                    // we send no provisional responses here
        else
            EarlyOf(dialog).Answer(transaction);
    }

    private void OnAnswer(SipResponse response)
    {
        if (_cancelWanted)
            Finish(InviteResult.Cancelled, response, null).OnAnswer(response);
        else
            Take(response, response.To.Tag ?? "");
    }

    /// <summary>The first 2xx makes the call.</summary>
    private void Take(SipResponse response, string tag)
    {
        Dialog dialog = _forks.Receive(Request, response, out bool isNew)!;
        if (!isNew)
            dialog.Confirm(response);
        InviteDialog call = new(_layer, dialog, Flow, _authentication);
        _layer.Register(dialog.Id, call);
        // An offerless INVITE whose offer and answer went in a provisional response and its PRACK leaves nothing for the ACK (RFC 3262 §5).
        call.SetAnswered(Request, response, acknowledgeNow: HasOffer || _early.GetValueOrDefault(tag)?.Offers == OfferState.Agreed);
        if (_earlyByes.TryGetValue(tag, out SipRequest? bye))
            call.End(DialogEndCause.RemoteBye, bye);
        Finish(InviteResult.Answered, response, call);
    }
}
