using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>2xx and ACK, both ways: ours are repeated until the ACK comes, those of the peer are acknowledged as often as they come.</summary>
public sealed partial class InviteDialog
{
    private OpenAnswer? _answer;
    private (uint CSeq, SipRequest Ack)? _lastAck;
    private (uint CSeq, SipRequest? Invite)? _ackWanted;

    /// <summary>Acknowledges a 2xx that brought an offer, because our INVITE or re-INVITE had none (RFC 3261 §13.2.1): sends the ACK with the answer.</summary>
    /// <param name="answer">The answer.</param>
    public void Acknowledge(MessageBody? answer)
    {
        if (_ackWanted is not { } wanted)
            return;
        _ackWanted = null;
        SendAck(wanted.CSeq, answer, wanted.Invite);
    }

    void IDialogUser.OnAck(SipRequest ack)
    {
        if (_answer is null || _answer.Transaction.Request.CSeq.Number != ack.CSeq.Number)
            return;                                      // repeated, or for nothing
        StopAnswer(ack);
        if (_byeAfterAck)
            SendBye();
        if (!IsEnded)
            RaiseChanged();
    }

    void IDialogUser.OnLateAnswer(SipResponse response, Flow flow)
    {
        uint number = response.CSeq.Number;
        bool known = _lastAck?.CSeq == number || _ackWanted?.CSeq == number || (State.IsCaller && State.InviteCSeq == number);
        AcknowledgeAgain(response);
        if (known || IsEnded)
            return;
        _dialog.RefreshTarget(response);
        ForgottenAnswer?.Invoke();
    }

    /// <summary>Goes on where another owner of the dialog was.</summary>
    internal void Resume(OpenAnswerState? open)
    {
        StartSessionTimer();
        if (open is not { IsFirst: true })
            SetConfirmed(null);
        if (open is null)
            return;
        SipResponse response = UserAgentLayer.Read<SipResponse>(open.Response);
        ServerTransaction transaction = _layer.Transactions.Restore(UserAgentLayer.Read<SipRequest>(open.Request), Flow, response);
        TaskCompletionSource<SipRequest?> confirmed = open.IsFirst ? _confirmed : new(TaskCreationOptions.RunContinuationsAsynchronously);
        StartAnswer(transaction, response, open.Offers, confirmed, open.IsFirst);
    }

    /// <summary>A repeated 2xx: our ACK was lost. One to a re-INVITE that this owner never sent (before a takeover) is acknowledged too.</summary>
    internal void AcknowledgeAgain(SipResponse response)
    {
        uint number = response.CSeq.Number;
        if (_lastAck is { } last && last.CSeq == number)
            Flow.TrySend(last.Ack);
        else if (_ackWanted?.CSeq != number)
            SendAck(number, null, null);
    }

    /// <summary>We called, and the 2xx came.</summary>
    internal void SetAnswered(SipRequest invite, SipResponse answer, bool acknowledgeNow)
    {
        AgreedByPeer(answer);
        _ackWanted = (invite.CSeq.Number, invite);
        if (acknowledgeNow)
            Acknowledge(null);
        SetConfirmed(null);
    }

    /// <summary>We were called, and accept.</summary>
    internal void SetAnswering(ServerTransaction transaction, SipResponse response, bool offersInAnswer, SessionExpires? timer)
    {
        AgreedWithPeer(timer);
        StartAnswer(transaction, response, offersInAnswer, _confirmed, isFirst: true);
    }

    void IOfferOwner.StartAnswer(ServerTransaction transaction, SipResponse response, bool offersInAnswer, TaskCompletionSource<SipRequest?> confirmed, bool isFirst) =>
        StartAnswer(transaction, response, offersInAnswer, confirmed, isFirst);

    private void StartAnswer(
        ServerTransaction transaction, SipResponse response, bool offersInAnswer, TaskCompletionSource<SipRequest?> confirmed, bool isFirst)
    {
        _answer = new OpenAnswer(transaction, response, offersInAnswer, confirmed, isFirst) { Interval = _layer.SipTimers.T1 };
        transaction.Respond(response);
        // §13.3.1.4: repeated on reliable flows too, since not all hops behind the flow need be.
        _answer.Resend = _layer.Timers.Schedule(_answer.Interval, static me => ((InviteDialog)me!).ResendAnswer(), this);
        _answer.Timeout = _layer.Timers.Schedule(_layer.SipTimers.Timeout, static me => ((InviteDialog)me!).AnswerTimedOut(), this);
        RaiseChanged();
    }

    private void ResendAnswer()
    {
        if (_answer is null)
            return;
        _answer.Transaction.Respond(_answer.Response);
        _answer.Interval = _layer.SipTimers.NextInterval(_answer.Interval);
        _answer.Resend = _layer.Timers.Schedule(_answer.Interval, static me => ((InviteDialog)me!).ResendAnswer(), this);
    }

    private void AnswerTimedOut()
    {
        StopAnswer(null);
        SendBye();
        End(DialogEndCause.NoAck, null);
    }

    private void StopAnswer(SipRequest? ack)
    {
        if (_answer is not { } answer)
            return;
        _answer = null;
        answer.Resend.Cancel();
        answer.Timeout.Cancel();
        answer.Transaction.Acknowledged();
        answer.Confirmed.TrySetResult(ack);
    }

    private void SendAck(uint number, MessageBody? body, SipRequest? invite)
    {
        SipRequest ack = _dialog.CreateAck(number);
        if (invite is not null)
        {
            // §13.2.2.4: the credentials of the INVITE.
            ack.Headers.CopyFrom(invite.Headers, SipHeaderName.Authorization);
            ack.Headers.CopyFrom(invite.Headers, SipHeaderName.ProxyAuthorization);
        }
        UserAgentLayer.SetBody(ack, body);
        _lastAck = (number, ack);
        _layer.Transactions.SendAck(ack, Flow);
    }

    /// <summary>A 2xx of ours that waits for its ACK.</summary>
    private sealed class OpenAnswer(
        ServerTransaction transaction, SipResponse response, bool offers, TaskCompletionSource<SipRequest?> confirmed, bool isFirst)
    {
        public ServerTransaction Transaction { get; } = transaction;

        public SipResponse Response { get; } = response;

        /// <summary>Gets whether the 2xx has our offer, so that the ACK brings the answer.</summary>
        public bool Offers { get; } = offers;

        public TaskCompletionSource<SipRequest?> Confirmed { get; } = confirmed;

        /// <summary>Gets whether it answers the INVITE that made the dialog: then no BYE of ours before the ACK (§15).</summary>
        public bool IsFirst { get; } = isFirst;

        public TimeSpan Interval { get; set; }

        public TimerHandle Resend { get; set; }

        public TimerHandle Timeout { get; set; }

        public OpenAnswerState ToState() => new()
        {
            Request = Transaction.Request.ToBytes(),
            Response = Response.ToBytes(),
            Offers = Offers,
            IsFirst = IsFirst,
        };
    }
}
