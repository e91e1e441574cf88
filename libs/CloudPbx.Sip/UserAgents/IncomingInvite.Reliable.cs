using System.Globalization;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Reliable provisional responses to the caller (RFC 3262 §3): one at a time, repeated until its PRACK comes.</summary>
public sealed partial class IncomingInvite
{
    private readonly Queue<SipResponse> _waiting = new();
    private readonly TaskCompletionSource<MessageBody?> _earlyAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly EarlyDialog _early;
    private readonly ReliablePolicy _policy;
    private OpenResponse? _open;
    private uint _rseq;                                  // of the last reliable response; 0 before the first

    /// <summary>Gets or sets who answers offers that the caller makes in the early dialog, in UPDATE or PRACK; without it they get 488.</summary>
    public Action<IncomingReinvite>? OfferReceived
    {
        get => _early.OfferReceived;
        set => _early.OfferReceived = value;
    }

    /// <summary>Gets where offer and answer stand in the early dialog.</summary>
    public OfferState Offers => _early.Offers;

    /// <summary>Gets the caller's answer to an offer of ours in a reliable response: the body of its PRACK; <see langword="null"/> when there is none or the call is over. Never fails.</summary>
    public Task<MessageBody?> EarlyAnswer => _earlyAnswer.Task;

    /// <summary>Gets whether the call may be answered: no session description of ours waits for its PRACK (RFC 3262 §3, I5), no offer of the caller's for our answer.</summary>
    public bool IsSettled => _early.Busy is null && _open is not { HasBody: true } && _waiting.All(response => response.Body.IsEmpty);

    /// <summary>Gets whether our first offer may go in a provisional response now: the INVITE had none, nothing was offered since, and the response would be sent reliably (RFC 3262 §5).</summary>
    public bool TakesEarlyOffer => IsPending && Offer is null && CanBeReliable && _early.Offers == OfferState.None;

    /// <summary>Gets whether it has to: every provisional response is sent reliably, and the first reliable one brings the offer (RFC 3262 §5).</summary>
    public bool WantsEarlyOffer => TakesEarlyOffer && IsAlwaysReliable;

    private bool CanBeReliable => _policy != ReliablePolicy.Off && (Request.Supports(UserAgentOptions.Reliable) || Request.Requires(UserAgentOptions.Reliable));

    private bool IsAlwaysReliable => CanBeReliable && (_policy == ReliablePolicy.Required || Request.Requires(UserAgentOptions.Reliable));

    /// <summary>Waits until the call may be answered, or is over. To be awaited before <see cref="Accept"/> where a provisional response had a body or <see cref="OfferReceived"/> is set.</summary>
    /// <returns>Completes at the latest when the call fails for want of a PRACK; never fails.</returns>
    public async Task SettleAsync()
    {
        while (IsPending && !IsSettled && (_early.Busy ?? _open?.Done.Task) is { } busy)
            await busy;
    }

    /// <summary>Sends UPDATE in the early dialog (RFC 3311 §5.1); an offer only after the first one was answered reliably, and its PRACK has come.</summary>
    /// <param name="offer">The offer; <see langword="null"/> to refresh.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The final response; one made here with 491 while the call is not settled (<see cref="IsSettled"/>) or there is no session, with 481 if the call is over. Never fails.</returns>
    public Task<SipResponse> UpdateAsync(MessageBody? offer, IReadOnlyList<HeaderField>? headers = null)
    {
        if (IsPending && (offer is null || IsSettled))
            return _early.UpdateAsync(offer, headers);
        return Task.FromResult(SipResponse.For(_dialog.CreateRequest(SipMethod.Update), IsPending ? 491 : 481));
    }

    /// <summary>What of a body the rules allow in a provisional response: the answer, or an offer of ours that the PRACK answers (RFC 3262 §5); no second one.</summary>
    private MessageBody? Admit(MessageBody? body, bool reliable)
    {
        if (body is null || !reliable)
            return _early.Offers == OfferState.FirstReceived ? body : null;      // a foretaste of the answer that the 2xx brings
        return _early.TryStep(Offer is null ? OfferInput.SendOffer : OfferInput.SendAnswer) ? body : null;
    }

    private void SendReliably(SipResponse response)
    {
        _waiting.Enqueue(response);
        SendNext();
    }

    /// <summary>§3: the next one not before the last was acknowledged.</summary>
    private void SendNext()
    {
        if (_open is not null || !IsPending || !_waiting.TryDequeue(out SipResponse? response))
            return;
        _rseq = _rseq == 0 ? _layer.Tokens.NewCSeq() : _rseq + 1;               // §3: random below 2³¹; a call never gets to the wrap
        response.Headers.Add(SipHeaderName.Require, UserAgentOptions.Reliable);
        response.Headers.Add(SipHeaderName.RSeq, _rseq.ToString(CultureInfo.InvariantCulture));
        Open(response);
        _transaction.Respond(response);
        Repeat(response);
    }

    private void Open(SipResponse response)
    {
        OpenResponse open = _open = new OpenResponse(response) { Interval = _layer.SipTimers.T1 };
        open.Resend = _layer.Timers.Schedule(open.Interval, static me => ((IncomingInvite)me!).Resend(), this);
        open.Timeout = _layer.Timers.Schedule(_layer.SipTimers.Timeout, static me => ((IncomingInvite)me!).NoPrack(), this);
    }

    private void Resend()
    {
        if (_open is not { } open)
            return;
        _transaction.Respond(open.Response);
        open.Interval *= 2;                              // §3: doubles without limit
        open.Resend = _layer.Timers.Schedule(open.Interval, static me => ((IncomingInvite)me!).Resend(), this);
    }

    /// <summary>§3: no PRACK in 64·T1, so the INVITE gets a 5xx (I6).</summary>
    private void NoPrack()
    {
        if (_open is not null)
            GiveUp(InviteCancellationCause.NoPrack, null, 504);
    }

    private void OnPrack(ServerTransaction transaction)
    {
        SipRequest prack = transaction.Request;
        if (prack.RAck is not { } rack)
        {
            transaction.Respond(_early.CreateResponse(prack, 400, "RAck Missing or Malformed"));
            return;
        }
        if (_open is not { } open || rack.Response != open.Number || rack.Request != Request.CSeq)
        {
            transaction.Respond(_early.CreateResponse(prack, 481));
            return;
        }
        CloseResponse();
        if (_early.Offers == OfferState.FirstSent && open.HasBody)
        {
            MessageBody? answer = MessageBody.Of(prack);
            _early.TryStep(answer is null ? OfferInput.Refuse : OfferInput.ReceiveAnswer);
            _early.Accept(transaction);
            _earlyAnswer.TrySetResult(answer);
        }
        else if (MessageBody.Of(prack) is not null)
        {
            _early.Offer(transaction);                   // §5: answered in the 2xx of the PRACK
        }
        else
        {
            _early.Accept(transaction);
        }
        SendNext();
    }

    private void CloseResponse()
    {
        if (_open is not { } open)
            return;
        _open = null;
        open.Resend.Cancel();
        open.Timeout.Cancel();
        open.Done.TrySetResult();
    }

    private void CloseReliable()
    {
        _waiting.Clear();
        CloseResponse();
        _early.Close();
        _earlyAnswer.TrySetResult(null);
    }

    /// <summary>Goes on where another owner was.</summary>
    private void Resume(IncomingInviteState state)
    {
        _rseq = state.RSeq;
        foreach (ReadOnlyMemory<byte> waiting in state.Waiting)
            _waiting.Enqueue(UserAgentLayer.Read<SipResponse>(waiting));
        if (!state.Unacknowledged.IsEmpty)
            Open(UserAgentLayer.Read<SipResponse>(state.Unacknowledged));
    }

    /// <summary>A reliable response that waits for its PRACK.</summary>
    private sealed class OpenResponse(SipResponse response)
    {
        public SipResponse Response { get; } = response;

        public uint Number { get; } = response.RSeq ?? 0;

        public bool HasBody => !Response.Body.IsEmpty;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TimeSpan Interval { get; set; }

        public TimerHandle Resend { get; set; }

        public TimerHandle Timeout { get; set; }
    }
}
