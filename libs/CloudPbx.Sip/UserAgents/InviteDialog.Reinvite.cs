using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>Our requests in the dialog.</summary>
public sealed partial class InviteDialog
{
    private const int MaximumGlares = 3;
    private const uint MaximumRetryAfter = 10;           // seconds, what §14.2 lets a peer say

    // The connection was opened a moment ago, so nothing is lost on the way: a server says 100 within milliseconds (§17.2.1: 200).
    private static readonly TimeSpan s_signOfLifeBeside = TimeSpan.FromSeconds(4);

    private Task _reinvites = Task.CompletedTask;        // the last one that was asked for
    private RequestAttempts? _change;                    // our re-INVITE or UPDATE that has no final response yet
    private bool _changeOffers;                          // which asks for an answer, or for an offer

    /// <summary>
    /// Changes the session (RFC 3261 §14.1). On glare (491) it is tried again after the RFC's random time, and after the peer's Retry-After where it says 500, at most
    /// three times. A 481 or 408 ends the dialog.
    /// </summary>
    /// <param name="offer">The offer; <see langword="null"/> asks the peer for one, to be answered by <see cref="Acknowledge"/>.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The outcome; never fails. One change at a time: a second one waits for the first.</returns>
    public Task<ReinviteOutcome> ReinviteAsync(MessageBody? offer, IReadOnlyList<HeaderField>? headers = null) => ChangeAsync(SipMethod.Invite, offer, headers);

    /// <summary>Changes the session by UPDATE (RFC 3311 §5.1), or only refreshes it; else as <see cref="ReinviteAsync"/>. For peers with <see cref="Dialogs.DialogState.PeerTakesUpdate"/>.</summary>
    /// <param name="offer">The offer; <see langword="null"/> changes nothing but the target.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The outcome; never fails.</returns>
    public Task<ReinviteOutcome> UpdateAsync(MessageBody? offer, IReadOnlyList<HeaderField>? headers = null) => ChangeAsync(SipMethod.Update, offer, headers);

    private async Task<ReinviteOutcome> ChangeAsync(SipMethod method, MessageBody? offer, IReadOnlyList<HeaderField>? headers)
    {
        Task previous = _reinvites;
        TaskCompletionSource turn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _reinvites = turn.Task;
        await previous;
        try
        {
            for (int tries = 0; ; tries++)
            {
                ReinviteOutcome outcome = await AttemptAsync(method, offer, headers);
                if (tries < MaximumGlares && TakesLonger(outcome))
                    continue;
                if (tries == MaximumGlares || IsEnded || BackOffOf(outcome) is not { } pause)
                    return outcome;
                await PauseAsync(pause);
            }
        }
        finally
        {
            turn.SetResult();
        }
    }

    /// <summary>Sends another request in the dialog: INFO, MESSAGE, OPTIONS …; an UPDATE with an offer goes by <see cref="UpdateAsync"/>.</summary>
    /// <param name="method">Neither INVITE, ACK, BYE nor CANCEL.</param>
    /// <param name="body">The body, or <see langword="null"/>.</param>
    /// <param name="headers">Further header fields.</param>
    /// <returns>The final response; one made here with 408 or 503 if none came, with 481 if the dialog is over. Never fails.</returns>
    public Task<SipResponse> SendAsync(SipMethod method, MessageBody? body = null, IReadOnlyList<HeaderField>? headers = null)
    {
        if (method == SipMethod.Invite || method == SipMethod.Bye || (method == SipMethod.Update && body is not null))
            throw new ArgumentException("INVITE, BYE and offers in UPDATE have methods of their own.", nameof(method));
        SipRequest request = Create(method, body, headers);
        if (IsEnded)
            return Task.FromResult(SipResponse.For(request, 481));
        return Attempts(response =>
        {
            if (response.IsSuccess)
                _dialog.RefreshTarget(response);
            if (response.IsSuccess && method == SipMethod.Update)
                AgreedByPeer(response);
            // §12.2.1.2; a 408 counts only for what keeps the session itself (RFC 5057 §5.1 leaves the choice).
            // A 481 to NOTIFY ends what it tells of only (RFC 5057 §5.1, I68).
            if ((response.StatusCode == 481 && method != SipMethod.Notify) || (response.StatusCode == 408 && method == SipMethod.Update))
                EndGone(response);
        }).SendAsync(request);
    }

    private async Task<ReinviteOutcome> AttemptAsync(SipMethod method, MessageBody? offer, IReadOnlyList<HeaderField>? headers)
    {
        Flow? beside = offer is not null && FindWayBeside is { } find && !IsEnded && !Flow.IsReliable ? await find(Complete(_dialog.SketchRequest(method), offer, headers).ToBytes().Length) : null;
        return (beside is null ? null : await AttemptAsync(method, offer, headers, beside)) ?? (await AttemptAsync(method, offer, headers, null))!;
    }

    /// <returns>The outcome; null where nobody was heard by the way beside.</returns>
    private async Task<ReinviteOutcome?> AttemptAsync(SipMethod method, MessageBody? offer, IReadOnlyList<HeaderField>? headers, Flow? beside)
    {
        // §14.1: not while another INVITE is under way in either direction.
        while (!IsEnded && (_incoming?.Done ?? _answer?.Confirmed.Task) is { } busy)
            await busy;
        if (IsEnded)
            return new ReinviteOutcome(481, null);
        RequestAttempts attempts = null!;
        attempts = Attempts(
        response =>
        {
            _change = null;
            if (beside is not null && !attempts.IsHeard)
                return;
            if (response.IsSuccess)
            {
                _dialog.RefreshTarget(response);
                AgreedByPeer(response);
                if (method == SipMethod.Invite)
                    _ackWanted = (response.CSeq.Number, attempts.Request);
                if (offer is not null)
                    Acknowledge(null);
                RaiseChanged();
            }
            else if (response.StatusCode is 481 or 408)
            {
                EndGone(response);
            }
        },
        beside);
        _change = attempts;
        _changeOffers = offer is not null || method == SipMethod.Invite;
        Task<SipResponse> sent = attempts.SendAsync(Create(method, offer, headers));
        TimerHandle patience = beside is null ? default : _layer.Timers.Schedule(s_signOfLifeBeside, static state => ((RequestAttempts)state!).GiveUpUnheard(), attempts);
        SipResponse final = await sent;
        patience.Cancel();
        if (beside is not null && !attempts.IsHeard && !IsEnded)
        {
            UnheardBeside?.Invoke(beside, final.StatusCode);
            return null;
        }
        return new ReinviteOutcome(final.StatusCode, final);
    }

    private SipRequest Create(SipMethod method, MessageBody? body, IReadOnlyList<HeaderField>? headers)
    {
        SipRequest request = Complete(_dialog.CreateRequest(method), body, headers);
        RaiseChanged();
        return request;
    }

    private SipRequest Complete(SipRequest request, MessageBody? body, IReadOnlyList<HeaderField>? headers)
    {
        _layer.AddCapabilities(request);
        AddSessionTimer(request);
        UserAgentLayer.AddHeaders(request, headers);
        UserAgentLayer.SetBody(request, body);
        return request;
    }

    private RequestAttempts Attempts(Action<SipResponse> onFinal, Flow? beside = null) => new(
        _layer.Transactions, () => beside ?? Flow, _authentication, _ => _dialog.NextCSeq(), onFinal, AcknowledgeAgain);

    private void EndGone(SipResponse response)
    {
        if (IsEnded)
            return;
        SendBye();
        End(DialogEndCause.Gone, response);
    }

    /// <summary>§14.1: who made the Call-ID waits 2.1 to 4 s, the other 0 to 2 s, in units of 10 ms; RFC 3311 §5.1 has the same. §14.2: a 500 says itself when.</summary>
    private TimeSpan? BackOffOf(ReinviteOutcome outcome)
    {
        if (outcome.StatusCode == 491)
            return TimeSpan.FromMilliseconds(10 * (State.IsCaller ? 210 + _layer.Tokens.Next(191) : _layer.Tokens.Next(201)));
        return outcome is { StatusCode: 500, Response: { } response } && response.RetryAfter is <= MaximumRetryAfter and { } seconds
            ? TimeSpan.FromSeconds(seconds) : null;
    }

    private Task PauseAsync(TimeSpan time)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _layer.Timers.Schedule(time, static state => ((TaskCompletionSource)state!).TrySetResult(), done);
        return done.Task;
    }
}
