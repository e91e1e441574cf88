using CloudPbx.Audio.Tones;
using CloudPbx.Rtp.Events;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.Softphone;

/// <summary>One call of a <see cref="Phone"/>.</summary>
/// <remarks>Members may be called from any thread. Tasks never fail: a call that comes to nothing says so in its result.</remarks>
public sealed class PhoneCall
{
    private readonly Phone _phone;
    private readonly OutgoingInvite? _outgoing;
    private readonly IncomingInvite? _incoming;
    private readonly TaskCompletionSource<SipResponse?> _ringing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CallAnswer> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CallEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<int> _progress = [];
    private InviteDialog? _dialog;
    private bool _earlyAnswer;

    internal PhoneCall(Phone phone, OutgoingInvite invite, PhoneAudio audio)
    {
        (_phone, _outgoing, Audio) = (phone, invite, audio);
        CallId = invite.CallId;
        Peer = invite.Request.To;
        invite.Provisional += (_, response) => Progressed(response);
        _ = FollowAsync(invite);
    }

    internal PhoneCall(Phone phone, IncomingInvite invite, PhoneAudio audio)
    {
        (_phone, _incoming, Audio) = (phone, invite, audio);
        CallId = invite.Request.CallId;
        Peer = invite.Request.From;
        _ringing.TrySetResult(null);
        _ = FollowAsync(invite);
    }

    /// <summary>Gets the Call-ID.</summary>
    public string CallId { get; }

    /// <summary>Gets the other party: To of a call made, From of a call received.</summary>
    public NameAddress Peer { get; }

    /// <summary>Gets what is sent and heard.</summary>
    public PhoneAudio Audio { get; }

    /// <summary>Gets the INVITE of a call received.</summary>
    public SipRequest? Invite => _incoming?.Request;

    /// <summary>Gets the provisional responses above 100 that came so far.</summary>
    public IReadOnlyList<int> Progress
    {
        get { lock (_progress) return [.. _progress]; }
    }

    /// <summary>Gets a task that completes with the first provisional response above 100 (<see langword="null"/> at once for a call received).</summary>
    public Task<SipResponse?> Ringing => _ringing.Task;

    /// <summary>Gets a task that completes when the call is answered, or is over without having been.</summary>
    public Task<CallAnswer> Answered => _answered.Task;

    /// <summary>Gets a task that completes when the call is over.</summary>
    public Task<CallEnd> Ended => _ended.Task;

    /// <summary>Answers a call received.</summary>
    /// <returns>The answer; not accepted when the caller gave up first, or when the offer cannot be served (488 was sent).</returns>
    public Task<CallAnswer> AnswerAsync() => _phone.OnSchedulerAsync(() =>
    {
        if (_incoming is not { IsPending: true }) return Task.FromResult(new CallAnswer(false, 487, null));
        string? answer = _incoming.Offer is { } offer ? Audio.TakeOffer(offer.Text) : Audio.MakeOffer();
        if (answer is null)
        {
            _incoming.Reject(488);
            End(new CallEnd(488, CallEndedBy.Here, null));
            return Task.FromResult(new CallAnswer(false, 488, null));
        }
        if (_incoming.Accept(MessageBody.Sdp(answer)) is { } dialog)
        {
            Established(dialog, new CallAnswer(true, 200, null));
            if (_incoming.Offer is null) _ = TakeLateAnswerAsync(dialog);
        }
        return Task.FromResult(new CallAnswer(_dialog is not null, _dialog is null ? 487 : 200, null));
    });

    /// <summary>Sends a provisional response to a call received.</summary>
    /// <param name="statusCode">101 to 199.</param>
    public Task ProgressAsync(int statusCode) => _phone.OnSchedulerAsync(() => Task.FromResult(_incoming?.Progress(statusCode) ?? false));

    /// <summary>Refuses a call received.</summary>
    /// <param name="statusCode">For example 486, 480 or 603.</param>
    public Task RejectAsync(int statusCode) => _phone.OnSchedulerAsync(() =>
    {
        bool rejected = _incoming?.Reject(statusCode) ?? false;
        if (rejected) End(new CallEnd(statusCode, CallEndedBy.Here, null));
        return Task.FromResult(rejected);
    });

    /// <summary>Hangs up, cancels or refuses, whatever fits.</summary>
    public Task HangUpAsync() => _phone.OnSchedulerAsync(async () =>
    {
        await HangUpInsideAsync();
        return 0;
    });

    /// <summary>Puts the other party on hold (<c>a=sendonly</c>), or takes it back.</summary>
    /// <param name="hold">Whether to hold.</param>
    /// <returns>Whether the other side agreed.</returns>
    public Task<bool> HoldAsync(bool hold) => _phone.OnSchedulerAsync(async () =>
    {
        if (_dialog is null) return false;
        ReinviteOutcome outcome = await _dialog.ReinviteAsync(MessageBody.Sdp(Audio.MakeOffer(hold)));
        return outcome is { IsAccepted: true, Body: { } answer } && Audio.TakeAnswer(answer.Text);
    });

    /// <summary>Asks that the other party calls somebody else in our place (RFC 5589 §6).</summary>
    /// <param name="target">Whom.</param>
    /// <returns>The answer: 202 says that it is tried.</returns>
    public Task<SipResponse> TransferAsync(SipUri target) => ReferAsync(target.ToString());

    /// <summary>Asks that the other party takes our place in another call of ours (RFC 5589 §7).</summary>
    /// <param name="consultation">That call, answered.</param>
    /// <returns>The answer: 202 says that it is tried.</returns>
    /// <exception cref="InvalidOperationException">The consultation is not answered.</exception>
    public Task<SipResponse> TransferAsync(PhoneCall consultation)
    {
        DialogId dialog = (consultation._dialog ?? throw new InvalidOperationException("The consultation is not answered.")).Id;
        string replaces = $"{dialog.CallId};to-tag={dialog.RemoteTag};from-tag={dialog.LocalTag}";       // RFC 3891 §6.1: tags as who is replaced sees them
        return ReferAsync($"{consultation.Peer.Uri}?Replaces={Uri.EscapeDataString(replaces)}");
    }

    /// <summary>Sends a request in the dialog.</summary>
    /// <param name="method">INFO, MESSAGE, OPTIONS, UPDATE …</param>
    /// <param name="body">The body, or <see langword="null"/>.</param>
    /// <returns>The final response.</returns>
    /// <exception cref="InvalidOperationException">The call is not answered.</exception>
    public Task<SipResponse> RequestAsync(SipMethod method, MessageBody? body = null) => _phone.OnSchedulerAsync(() =>
        (_dialog ?? throw new InvalidOperationException("The call is not answered.")).SendAsync(method, body));

    private Task<SipResponse> ReferAsync(string target) => _phone.OnSchedulerAsync(() =>
        (_dialog ?? throw new InvalidOperationException("The call is not answered.")).SendAsync(SipMethod.Refer, null, [new HeaderField("Refer-To", $"<{target}>")]));

    /// <summary>Plays a tone to the other party from now on.</summary>
    public void Play(Tone tone) => Audio.Play(tone);

    /// <summary>Presses a key (RFC 4733).</summary>
    /// <param name="digit">0–9, *, #, A–D.</param>
    /// <exception cref="InvalidOperationException">The other side takes no telephone-events.</exception>
    public void Press(char digit) => Audio.Press(TelephoneEvent.CodeOf(digit) ?? throw new ArgumentException("Not a key of a telephone.", nameof(digit)));

    internal async Task HangUpInsideAsync()
    {
        // The answer may have come while nobody has looked at it yet: then it is too late for CANCEL (RFC 3261 §9.1).
        InviteDialog? answered = _outgoing is { IsPending: false } over ? (await over.Outcome).Dialog : null;
        if ((_dialog ?? answered) is { } dialog)
        {
            await dialog.ByeAsync();
            return;
        }
        _outgoing?.Cancel();
        if (_incoming is { IsPending: true } && _incoming.Reject(480)) End(new CallEnd(480, CallEndedBy.Here, null));
    }

    private void Progressed(SipResponse response)
    {
        if (response.StatusCode == 100) return;
        lock (_progress) _progress.Add(response.StatusCode);
        if (MessageBody.Of(response) is { IsSdp: true } early) _earlyAnswer |= Audio.TakeAnswer(early.Text);
        _ringing.TrySetResult(response);
    }

    private async Task FollowAsync(OutgoingInvite invite)
    {
        InviteOutcome outcome = await invite.Outcome;
        if (outcome.Dialog is not { } dialog)
        {
            _ringing.TrySetResult(null);
            End(new CallEnd(outcome.StatusCode, outcome.Result == InviteResult.Cancelled ? CallEndedBy.Here : CallEndedBy.Peer, outcome.Response?.Headers.Get(SipHeaderName.Reason)), outcome.Response);
            return;
        }
        // RFC 6337 §3.1.1: a reliable 183 brought the answer, then the 200 need not.
        if (MessageBody.Of(outcome.Response!) is { } answer ? !Audio.TakeAnswer(answer.Text) : !_earlyAnswer)
        {
            await dialog.ByeAsync("SIP;cause=488;text=\"Not Acceptable Here\"");
            End(new CallEnd(488, CallEndedBy.Here, null), outcome.Response);
            return;
        }
        Established(dialog, new CallAnswer(true, outcome.StatusCode, outcome.Response));
    }

    private async Task FollowAsync(IncomingInvite invite)
    {
        InviteCancellation cancelled = await invite.Cancelled;
        End(new CallEnd(487, CallEndedBy.Peer, cancelled.Request?.Headers.Get(SipHeaderName.Reason)));
    }

    private void Established(InviteDialog dialog, CallAnswer answer)
    {
        _dialog = dialog;
        dialog.ReinviteReceived = change =>
        {
            string? local = change.Offer is { } offer ? Audio.TakeOffer(offer.Text) : Audio.MakeOffer();
            if (local is null) change.Reject(488);
            else change.Accept(MessageBody.Sdp(local));
        };
        _answered.TrySetResult(answer);
        _ = WatchAsync(dialog);
    }

    private async Task WatchAsync(InviteDialog dialog)
    {
        DialogEnd end = await dialog.Ended;
        End(new CallEnd(200, end.Cause == DialogEndCause.RemoteBye ? CallEndedBy.Peer : end.Cause == DialogEndCause.LocalBye ? CallEndedBy.Here : CallEndedBy.Failure, end.Reason));
    }

    private async Task TakeLateAnswerAsync(InviteDialog dialog)
    {
        if (await dialog.Confirmed is { } ack && MessageBody.Of(ack) is { } answer) Audio.TakeAnswer(answer.Text);
    }

    private void End(CallEnd end, SipResponse? response = null)
    {
        _answered.TrySetResult(new CallAnswer(false, end.StatusCode, response));
        if (!_ended.TrySetResult(end)) return;
        Audio.Dispose();
        _phone.Forget(this);
    }
}
