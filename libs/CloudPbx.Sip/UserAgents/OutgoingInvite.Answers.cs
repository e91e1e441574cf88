using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

public sealed partial class OutgoingInvite
{
    private readonly Dictionary<string, SipRequest> _refusedForks = [];      // To tag → the ACK that was sent
    private readonly Dictionary<string, SipRequest> _earlyByes = [];         // To tag → a BYE that overtook its 2xx (I25)
    private InviteDialog? _dialog;

    /// <summary>A 2xx whose transaction has ended; its ACK goes the INVITE's way.</summary>
    internal void OnLateAnswer(SipResponse response) => OnAnswer(response);

    /// <summary>A request of the callee in a dialog that no 2xx confirmed yet.</summary>
    internal void OnRequest(ServerTransaction transaction)
    {
        string tag = transaction.Request.From.Tag ?? "";
        if (transaction.Method == SipMethod.Bye && (IsPending || _refusedForks.ContainsKey(tag)))
        {
            if (IsPending && _earlyByes.Count < 64)
                _earlyByes[tag] = transaction.Request;
            transaction.Respond(200);
        }
        else if (IsPending)
        {
            AnswerEarly(transaction, tag);
        }
        else
        {
            transaction.Respond(481);
        }
    }

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
        string tag = response.To.Tag ?? "";
        if (_dialog is not null && _dialog.Id.RemoteTag == tag)
            _dialog.AcknowledgeAgain(response);
        else if (_refusedForks.TryGetValue(tag, out SipRequest? ack))
            Flow.TrySend(ack);
        else if (!IsPending || _cancelWanted)
            Refuse(response, tag);
        else
            Take(response, tag);
    }

    /// <summary>The first 2xx makes the call.</summary>
    private void Take(SipResponse response, string tag)
    {
        Dialog dialog = _forks.Receive(Request, response, out bool isNew)!;
        if (!isNew)
            dialog.Confirm(response);
        _dialog = new InviteDialog(_layer, dialog, Flow, _authentication);
        _layer.Register(dialog.Id, _dialog);
        // An offerless INVITE whose offer and answer went in a provisional response and its PRACK leaves nothing for the ACK (RFC 3262 §5).
        _dialog.SetAnswered(Request, response, acknowledgeNow: HasOffer || _early.GetValueOrDefault(tag)?.Offers == OfferState.Agreed);
        if (_earlyByes.TryGetValue(tag, out SipRequest? bye))
            _dialog.End(DialogEndCause.RemoteBye, bye);
        Finish(InviteResult.Answered, response, _dialog);
    }

    /// <summary>A 2xx after our CANCEL (I18), or of a further fork: ACK, then BYE (§13.2.2.4).</summary>
    private void Refuse(SipResponse response, string tag)
    {
        if (_refusedForks.Count >= 64)
            return;
        Dialog dialog = Dialog.FromResponse(Request, response);
        SipRequest ack = dialog.CreateAck(response.CSeq.Number);
        _refusedForks[tag] = ack;
        _layer.Transactions.SendAck(ack, Flow);
        SipRequest bye = dialog.CreateRequest(SipMethod.Bye);
        if (_cancelReason is not null)
            bye.Headers.Add(SipHeaderName.Reason, _cancelReason);
        _ = new RequestAttempts(_layer.Transactions, () => Flow, _authentication, _ => dialog.NextCSeq()).SendAsync(bye);   // never fails
        Finish(InviteResult.Cancelled, response, null);
    }
}
