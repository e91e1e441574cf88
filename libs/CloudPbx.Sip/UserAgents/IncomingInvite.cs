using CloudPbx.Net.Timers;
using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An INVITE that came in, until it is answered, refused, cancelled or expired (RFC 3261 §13.3). Made by <see cref="UserAgentLayer.Take"/>.</summary>
/// <remarks>Partial: reliable provisional responses (<c>IncomingInvite.Reliable.cs</c>). Provisional responses are repeated every minute (§13.3.1.1). Used on the owner's thread; <see cref="Cancelled"/> completes there, its continuations are queued.</remarks>
public sealed partial class IncomingInvite : IDialogUser
{
    private static readonly TimeSpan s_repeatProvisional = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longestExpiry = TimeSpan.FromDays(1);      // longer ones end nothing
    private readonly TaskCompletionSource<InviteCancellation> _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly UserAgentLayer _layer;
    private readonly ServerTransaction _transaction;
    private readonly Dialog _dialog;
    private readonly DigestClient? _authentication;
    private readonly SessionTimerPolicy _timer;
    private readonly uint _sessionInterval;
    private TimerHandle _repeat;
    private TimerHandle _expiry;
    private DateTime? _expiresAt;

    internal IncomingInvite(UserAgentLayer layer, ServerTransaction transaction, NameAddress contact, DigestClient? authentication, ReliablePolicy policy, SessionTimerPolicy timer, uint sessionInterval, IncomingInviteState? state = null)
    {
        _layer = layer;
        _transaction = transaction;
        _authentication = authentication;
        _policy = policy;
        _timer = timer;
        _sessionInterval = sessionInterval;
        LocalTag = state?.LocalTag ?? layer.Tokens.NewTag();
        _dialog = Dialog.FromRequest(transaction.Request, LocalTag, contact, transaction.Flow.IsSecure);
        _early = new EarlyDialog(layer, _dialog, transaction.Flow, authentication, state?.Offers ?? (Offer is null ? OfferState.None : OfferState.FirstReceived));
        transaction.Cancelled += OnCancel;
        transaction.Failed += OnFault;
        layer.Register(_dialog.Id, this);
        if (transaction.LastResponse is { StatusCode: > 100 } last)
            Repeat(last);
        DateTime? expiresAt = state is null ? ExpiryOf(Request) : state.ExpiresAt;
        if (expiresAt is { } at)
            ExpireAt(at);
        if (state is not null)
            Resume(state);
    }

    /// <summary>Gets the INVITE.</summary>
    public SipRequest Request => _transaction.Request;

    /// <summary>Gets the flow that it came in on.</summary>
    public Flow Flow => _transaction.Flow;

    /// <summary>Gets the dialog that it makes.</summary>
    public DialogId DialogId => _dialog.Id;

    /// <summary>Gets our To tag.</summary>
    public string LocalTag { get; }

    /// <summary>Gets the offer; <see langword="null"/> if the caller wants ours.</summary>
    public MessageBody? Offer => MessageBody.Of(Request);

    /// <summary>Gets whether it still waits for an answer.</summary>
    public bool IsPending { get; private set; } = true;

    /// <summary>Gets a task that completes if the caller gives up first, or acknowledges no reliable response; 487 or 504 was sent already. It never completes otherwise and never fails.</summary>
    public Task<InviteCancellation> Cancelled => _cancelled.Task;

    /// <summary>Lets the INVITE wait for its answer for as long as its caller does, whatever its Expires says.</summary>
    public void WaiveExpiry()
    {
        _expiry.Cancel();
        _expiresAt = null;
    }

    /// <summary>Makes what another owner needs to go on: <see cref="UserAgentLayer.Restore(IncomingInviteState, Flow, DigestClient?)"/>.</summary>
    /// <returns>The state.</returns>
    public IncomingInviteState ToState() => new()
    {
        Request = Request.ToBytes(),
        LocalTag = LocalTag,
        Contact = _dialog.State.LocalContact,
        LastResponse = _transaction.LastResponse?.ToBytes() ?? ReadOnlyMemory<byte>.Empty,
        Reliable = _policy,
        Timer = _timer,
        SessionInterval = _sessionInterval,
        ExpiresAt = _expiresAt,
        RSeq = _rseq,
        Unacknowledged = _open?.Response.ToBytes() ?? ReadOnlyMemory<byte>.Empty,
        Waiting = [.. _waiting.Select(response => (ReadOnlyMemory<byte>)response.ToBytes())],
        Offers = Offers,
    };

    /// <summary>
    /// Sends a provisional response; those above 100 make the early dialog. It is sent reliably where the caller requires that, or supports it and there is a body;
    /// then it may have to wait for the PRACK of the one before (RFC 3262 §3).
    /// </summary>
    /// <param name="statusCode">100 to 199.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="body">Early media's answer; or our offer, if the INVITE had none and the response is reliable: then the answer is in <see cref="EarlyAnswer"/>. Left out where offer and answer do not allow it.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns><see langword="false"/> if the call is over.</returns>
    public bool Progress(int statusCode, string? reasonPhrase = null, MessageBody? body = null, IReadOnlyList<HeaderField>? headers = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 199);
        if (!IsPending)
            return false;
        SipResponse response = SipResponse.For(Request, statusCode, reasonPhrase, statusCode == 100 ? null : LocalTag);
        if (statusCode > 100)
        {
            response.Headers.Add(SipHeaderName.Contact, _dialog.State.LocalContact);
            _layer.AddCapabilities(response);
        }
        UserAgentLayer.AddHeaders(response, headers);
        if (statusCode == 100)
        {
            _transaction.Respond(response);
            return IsPending;
        }
        bool reliable = IsAlwaysReliable || (CanBeReliable && body is not null);
        UserAgentLayer.SetBody(response, Admit(body, reliable));
        if (reliable)
        {
            SendReliably(response);
        }
        else
        {
            _transaction.Respond(response);
            Repeat(response);
        }
        return IsPending;
    }

    /// <summary>Answers with 200, repeated until the ACK comes; without ACK the call ends with BYE after 64·T1 (§13.3.1.4, I20).</summary>
    /// <param name="body">The answer, or our offer if the INVITE had none; then the answer is in <see cref="InviteDialog.Confirmed"/>. Left out where a reliable response brought it.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The dialog, or <see langword="null"/> if the call is over: the caller's CANCEL was first.</returns>
    /// <exception cref="InvalidOperationException">The call is not settled: <see cref="SettleAsync"/> was not awaited.</exception>
    public InviteDialog? Accept(MessageBody? body, IReadOnlyList<HeaderField>? headers = null)
    {
        if (!IsPending)
            return null;
        if (!IsSettled)
            throw new InvalidOperationException("A session description waits for its PRACK (RFC 3262 §3).");
        bool isAgreed = Offers == OfferState.Agreed;      // RFC 6337 §3.1.1: the exchange of the INVITE is over
        SipResponse response = SipResponse.For(Request, 200, null, LocalTag);
        response.Headers.Add(SipHeaderName.Contact, _dialog.State.LocalContact);
        _layer.AddCapabilities(response);
        SessionExpires? timer = InviteDialog.AddSessionTimer(response, Request, null, _timer is SessionTimerPolicy.Ask or SessionTimerPolicy.Require ? _sessionInterval : null);
        UserAgentLayer.AddHeaders(response, headers);
        UserAgentLayer.SetBody(response, isAgreed ? null : body);
        Close();
        _dialog.Confirm(null);
        InviteDialog dialog = new(_layer, _dialog, Flow, _authentication);
        _layer.Register(_dialog.Id, dialog);
        dialog.SetAnswering(_transaction, response, offersInAnswer: Offer is null && !isAgreed, timer);
        return dialog;
    }

    /// <summary>Refuses the call.</summary>
    /// <param name="statusCode">300 to 699.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns><see langword="false"/> if the call is over.</returns>
    public bool Reject(int statusCode, string? reasonPhrase = null, IReadOnlyList<HeaderField>? headers = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 300);
        if (!IsPending)
            return false;
        Close();
        SipResponse response = SipResponse.For(Request, statusCode, reasonPhrase, LocalTag);
        _layer.AddCapabilities(response);
        UserAgentLayer.AddHeaders(response, headers);
        _transaction.Respond(response);
        return true;
    }

    void IDialogUser.OnRequest(ServerTransaction transaction)
    {
        if (!_dialog.TryAdvance(transaction.Request))
        {
            transaction.Respond(_layer.TryLater(transaction.Request));
        }
        else if (transaction.Method == SipMethod.Bye)
        {
            transaction.Respond(200);
            GiveUp(InviteCancellationCause.Bye, transaction.Request);        // §15.1.2
        }
        else if (transaction.Method == SipMethod.Prack)
        {
            OnPrack(transaction);
        }
        else
        {
            _early.Answer(transaction);
        }
    }

    void IDialogUser.OnAck(SipRequest ack)
    {
    }

    void IDialogUser.OnLateAnswer(SipResponse response, Flow flow)
    {
    }

    private void OnCancel(ServerTransaction transaction, SipRequest cancel) => GiveUp(InviteCancellationCause.Cancel, cancel);

    private void OnFault(ServerTransaction transaction, TransactionFault fault)
    {
        if (fault == TransactionFault.TransportError)
            GiveUp(InviteCancellationCause.TransportError, null);
    }

    private void GiveUp(InviteCancellationCause cause, SipRequest? request, int statusCode = 487)
    {
        if (!Reject(statusCode))
            return;
        _cancelled.TrySetResult(new InviteCancellation(cause, request));
    }

    // §13.3.1: the seconds from when it was received.
    private DateTime? ExpiryOf(SipRequest invite) =>
        invite.Expires is { } seconds && seconds <= s_longestExpiry.TotalSeconds ? _layer.Timers.TimeProvider.GetUtcNow().UtcDateTime + TimeSpan.FromSeconds(seconds) : null;

    private void ExpireAt(DateTime at)
    {
        _expiresAt = at;
        TimeSpan left = at - _layer.Timers.TimeProvider.GetUtcNow().UtcDateTime;
        _expiry = _layer.Timers.Schedule(left > TimeSpan.Zero ? left : TimeSpan.Zero, static me => ((IncomingInvite)me!).GiveUp(InviteCancellationCause.Expired, null), this);
    }

    private void Close()
    {
        IsPending = false;
        _repeat.Cancel();
        _expiry.Cancel();
        _transaction.Cancelled -= OnCancel;
        _transaction.Failed -= OnFault;
        _layer.Unregister(_dialog.Id, this);
        CloseReliable();
    }

    private void Repeat(SipResponse response)
    {
        _repeat.Cancel();
        _repeat = _layer.Timers.Schedule(
            s_repeatProvisional,
            _ =>
            {
                if (!IsPending)
                    return;
                if (response.RSeq is not null)
                {
                    Progress(response.StatusCode, response.ReasonPhrase);       // RFC 3262 §3: a fresh one, with an RSeq of its own
                    return;
                }
                _transaction.Respond(response);
                Repeat(response);
            },
            null);
    }
}
