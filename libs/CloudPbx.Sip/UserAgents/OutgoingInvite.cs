using System.Globalization;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An INVITE that we sent, until it is answered or has failed (RFC 3261 §13.2). Made by <see cref="UserAgentLayer.Invite"/>.</summary>
/// <remarks>
/// The 2xx is acknowledged at once where the INVITE had an offer; what comes after that is <see cref="FinishedInvite"/>'s. Used on the owner's thread;
/// <see cref="Outcome"/> completes there too, but its continuations are queued.
/// </remarks>
public sealed partial class OutgoingInvite : IOutgoingInvite
{
    private const int MaximumAttempts = 5;
    private readonly TaskCompletionSource<InviteOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UserAgentLayer _layer;
    private readonly DigestClient? _authentication;
    private DialogSet _forks = new();
    private ClientTransaction? _transaction;
    private int _attempts;
    private bool _canCancel;
    private bool _cancelWanted;
    private bool _cancelSent;
    private string? _cancelReason;
    private readonly SessionTimerPolicy _timer;

    internal OutgoingInvite(UserAgentLayer layer, OutgoingInviteOptions options, Flow flow)
    {
        _layer = layer;
        _authentication = options.Authentication;
        Flow = flow;
        LocalTag = options.LocalTag ?? options.From.Tag ?? layer.Tokens.NewTag();
        CallId = options.CallId ?? layer.Tokens.NewCallId();
        _earlyOffer = options.EarlyOffer;
        _timer = options.Timer;
        _reliable = options.Body is null && _earlyOffer is null ? ReliablePolicy.Off : options.Reliable;
        _offIsLearned = options is { Reliable: ReliablePolicy.Off, ReliableIsLearned: true } && (options.Body is not null || _earlyOffer is not null);
        Request = layer.CreateRequest(
            SipMethod.Invite, options.RequestUri, options.From.WithTag(LocalTag), options.To.WithTag(null), CallId, options.CSeq, _reliable, _timer != SessionTimerPolicy.Off);
        if (_timer is SessionTimerPolicy.Ask or SessionTimerPolicy.Require)
            AskForTimer(Request, options.SessionInterval, SessionTimer.Minimum);
        RequireTimer(Request);
        if (options.MaxForwards is { } hops)
            Request.Headers.Set(SipHeaderName.MaxForwards, hops.ToString(CultureInfo.InvariantCulture));
        foreach (string route in options.Routes)
            Request.Headers.Add(SipHeaderName.Route, route);
        Request.Headers.Add(SipHeaderName.Contact, options.Contact.ToString());
        UserAgentLayer.AddHeaders(Request, options.Headers);
        UserAgentLayer.SetBody(Request, options.Body);
    }

    /// <summary>One that another owner sent.</summary>
    internal OutgoingInvite(UserAgentLayer layer, OutgoingInviteState state, Flow flow, DigestClient? authentication)
    {
        _layer = layer;
        _authentication = authentication;
        Flow = flow;
        Request = UserAgentLayer.Read<SipRequest>(state.Request);
        LocalTag = Request.From.Tag ?? "";
        CallId = Request.CallId;
        _reliable = state.Reliable;
        _timer = state.Timer;
        foreach ((DialogState early, uint? number, OfferState offers) in state.EarlyDialogs)
        {
            Dialog dialog = new(early);
            _forks.Restore(dialog);
            _early[dialog.Id.RemoteTag] = new EarlyDialog(layer, dialog, flow, authentication, offers) { RSeq = number, OfferReceived = AnswerOffer };
        }
    }

    /// <summary>Raised for each provisional response, 100 included. Its To tag tells the early dialogs of a fork apart.</summary>
    public event Action<OutgoingInvite, SipResponse>? Provisional;

    /// <summary>Gets the INVITE as it was sent last.</summary>
    public SipRequest Request { get; private set; }

    /// <summary>Gets the Call-ID.</summary>
    public string CallId { get; }

    /// <summary>Gets our From tag.</summary>
    public string LocalTag { get; }

    /// <summary>Gets the flow that the INVITE left by.</summary>
    public Flow Flow { get; }

    /// <summary>Gets how it ended; completes once, never fails.</summary>
    public Task<InviteOutcome> Outcome => _outcome.Task;

    /// <summary>Gets whether it still waits for its final response.</summary>
    public bool IsPending => !_outcome.Task.IsCompleted;

    /// <summary>Gives the call up: CANCEL as soon as a provisional response allows it (RFC 3261 §9.1). Without final response it is over 64·T1 later (I19). Doing it twice, or too late, does no harm.</summary>
    /// <param name="reason">The value of a Reason header field (RFC 3326), for example <c>SIP;cause=200;text="Call completed elsewhere"</c>.</param>
    public void Cancel(string? reason = null)
    {
        if (!IsPending || _cancelWanted)
            return;
        _cancelWanted = true;
        _cancelReason = reason;
        if (_canCancel)
            SendCancel();
    }

    /// <summary>Whether a Replaces names one of its early dialogs (RFC 3891 §3).</summary>
    /// <param name="replaces">The dialog that is meant.</param>
    public bool IsNamedBy(Replaces replaces) => replaces is not null && _forks.Dialogs.Any(dialog => replaces.Names(dialog.Id));

    /// <summary>Makes what another owner needs to go on: <see cref="UserAgentLayer.Restore(OutgoingInviteState, Flow, DigestClient?)"/>.</summary>
    /// <returns>The state.</returns>
    public OutgoingInviteState ToState() => new()
    {
        Request = Request.ToBytes(),
        IsProceeding = _canCancel,
        IsCancelled = _cancelWanted,
        CancelReason = _cancelReason,
        Reliable = _reliable,
        Timer = _timer,
        EarlyDialogs = [.. _early.Values.Select(early => new EarlyDialogState(early.Dialog.State, early.RSeq, early.Offers))],
    };

    private bool HasOffer => !Request.Body.IsEmpty;

    internal void Resume(OutgoingInviteState state)
    {
        _attempts = 1;
        _canCancel = state.IsProceeding;
        _transaction = _layer.Transactions.Restore(Request, Flow, state.IsProceeding, OnResponse, OnFault);
        if (state.IsCancelled)
            Cancel(state.CancelReason);
    }

    internal void Start()
    {
        _authentication?.Authorize(Request);
        Send();
    }

    private void Send()
    {
        _attempts++;
        _canCancel = false;
        _transaction?.LeaveTo(null);                     // a challenged one only repeats its ACK
        _transaction = _layer.Transactions.Send(Request, Flow, OnResponse, OnFault);
    }

    private void SendCancel()
    {
        if (_cancelSent)
            return;
        _cancelSent = true;
        _transaction!.Cancel(_cancelReason);
        // §9.1: a callee that never sends the 487 does not hold us for ever.
        _layer.Timers.Schedule(_layer.SipTimers.Timeout, static transaction => ((ClientTransaction)transaction!).Abandon(), _transaction);
    }

    private void OnResponse(ClientTransaction transaction, SipResponse response)
    {
        if (response.IsSuccess)
            OnAnswer(response);
        else if (ReferenceEquals(transaction, _transaction) && IsPending)
        {
            if (response.IsProvisional)
                OnProvisional(response);
            else if (!TryAgain(response) && !TryLonger(response) && !TryOtherReliability(response))
                Finish(_cancelWanted ? InviteResult.Cancelled : InviteResult.Rejected, response, null);
        }
    }

    private void OnProvisional(SipResponse response)
    {
        _canCancel = true;
        if (_cancelWanted)
            SendCancel();
        if (response.StatusCode > 100 && !TakeReliable(response, _forks.Receive(Request, response, out _)))
            return;
        Provisional?.Invoke(this, response);
    }

    private bool TryAgain(SipResponse challenge)
    {
        if (challenge.StatusCode is not (401 or 407) || _authentication is null || _cancelWanted || _attempts >= MaximumAttempts)
            return false;
        SipRequest again = RequestAttempts.Again(Request, Request.CSeq.Number + 1);
        if (!_authentication.TryAuthorize(again, challenge))
            return false;
        Request = again;
        Send();
        return true;
    }

    /// <summary>RFC 4028 §7.3: once more with the interval that the 422 says (I14), by its own timer or one that a proxy put in.</summary>
    private bool TryLonger(SipResponse refusal)
    {
        if (refusal is not { StatusCode: 422, MinSE: { } least } || _cancelWanted || _attempts >= MaximumAttempts || Request.SessionExpires is { } asked && asked.Seconds >= least)
            return false;
        Request = RequestAttempts.Again(Request, Request.CSeq.Number + 1);
        AskForTimer(Request, least, least);
        Send();
        return true;
    }

    private void RequireTimer(SipRequest invite)
    {
        if (_timer == SessionTimerPolicy.Require)
            invite.Headers.Add(SipHeaderName.Require, SessionTimer.OptionTag);
    }

    private static void AskForTimer(SipRequest invite, uint seconds, uint least)
    {
        invite.Headers.Set(SipHeaderName.SessionExpires, new SessionExpires(Math.Max(seconds, SessionTimer.Minimum), null).ToString());
        invite.Headers.Set(SipHeaderName.MinSE, least.ToString(CultureInfo.InvariantCulture));
    }

    private void OnFault(ClientTransaction transaction, TransactionFault fault)
    {
        if (!ReferenceEquals(transaction, _transaction) || !IsPending)
            return;
        InviteResult result = fault == TransactionFault.TransportError ? InviteResult.TransportError : InviteResult.TimedOut;
        Finish(_cancelWanted ? InviteResult.Cancelled : result, null, null);
    }

    /// <summary>Tells the outcome, while it is pending, and leaves the rest to what is returned.</summary>
    private FinishedInvite Finish(InviteResult result, SipResponse? response, InviteDialog? dialog)
    {
        _outcome.TrySetResult(new InviteOutcome(result, response, dialog));
        foreach (EarlyDialog early in _early.Values)
            early.Close();
        Provisional = null;                              // nobody is told of anything again: whose call it was need not be kept as long as this
        ReliabilityRefused = null;
        ReliabilityRequired = null;
        OfferReceived = null;
        _earlyOffer = null;
        FinishedInvite left = new(_layer, this, _authentication, _cancelReason, dialog?.Id.RemoteTag);
        _layer.Replace(this, left);
        _transaction!.LeaveTo(_layer.AnsweredAgain);
        return left;
    }
}
