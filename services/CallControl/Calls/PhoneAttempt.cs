using CloudPbx.CallControl.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>One phone that rings for a call: an INVITE on a leg of its own, sent once more in the other form where the phone refuses SRTP, or its absence.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class PhoneAttempt(Call call, TenantRuntime tenant, WorkerServices worker, CallLeg leg, Binding binding)
{
    // A phone says 100 within milliseconds; after four retransmissions on UDP nobody is there. A dead contact would keep callers waiting else.
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(8);

    private readonly TaskCompletionSource _lives = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, string> _early = [];
    private OutgoingInvite? _invite;
    private ReleaseCause? _stopped;

    /// <summary>The phone's leg.</summary>
    public CallLeg Leg => leg;

    /// <summary>The binding that it was found by.</summary>
    public Binding Binding => binding;

    /// <summary>The phone's answer to our offer, once it answered.</summary>
    public string? Answer { get; private set; }

    /// <summary>Why it refused, where it said so.</summary>
    public ReleaseCause? Cause { get; private set; }

    /// <summary>Rings until the phone answers or refuses, or <see cref="Stop"/>.</summary>
    /// <returns>200 when this phone is the one that answered; else its refusal: 408 for silence, 487 when it was stopped.</returns>
    public async Task<int> RunAsync()
    {
        try
        {
            while (true)
            {
                int status = await RingOnceAsync();
                bool again = status >= 300 && _stopped is null && leg.OffersSrtp == _firstForm
                    && SrtpChoice.TriesOtherForm(leg.Device.Encryption, status, worker.Time.GetElapsedTime(_sentAt));
                if (!again)
                {
                    if (status != 200)
                        call.Drop(leg);
                    return status;
                }
                leg.OffersSrtp = !leg.OffersSrtp;
            }
        }
        catch (OperationCanceledException)
        {
            return 487;                                           // the call ended while the media node was asked
        }
    }

    private readonly bool _firstForm = leg.OffersSrtp;
    private long _sentAt;

    /// <summary>Stops ringing, or hangs up where the phone answered this very moment (I18).</summary>
    public void Stop(ReleaseCause cause)
    {
        if (_stopped is not null)
            return;
        _stopped = cause;
        _invite?.Cancel(cause.Header);
        call.Drop(leg);
    }

    private async Task<int> RingOnceAsync()
    {
        leg.HasMedia = true;
        LegDescription offer = await call.OfferToAsync(leg);
        if (_stopped is not null)
            return 487;
        if (!offer.Accepted)
        {
            Cause = ReleaseCause.Sip(offer.Unavailable ? 503 : 488, offer.Fault ?? "");
            return offer.Unavailable ? 503 : 488;
        }
        _sentAt = worker.Time.GetTimestamp();
        _invite = tenant.Agents.Invite(call.InviteFor(leg, binding, offer.LocalSdp!), leg.Flow);
        _invite.Provisional += Progressed;
        Task silence = tenant.DelayAsync(s_signOfLife, out TimerHandle timer);
        await tenant.Scheduler.FirstOf(_invite.Outcome, _lives.Task, silence);
        timer.Cancel();
        if (!_invite.Outcome.IsCompleted && !_lives.Task.IsCompleted)
        {
            _invite.Cancel(ReleaseCause.NoAnswer.Header);         // an answer after that is hung up
            return 408;
        }
        InviteOutcome outcome = await _invite.Outcome;
        return outcome.Dialog is { } dialog ? Answered(dialog, outcome.Response) : Refused(outcome);
    }

    private int Answered(InviteDialog dialog, SipResponse? response)
    {
        call.Attach(leg, dialog);
        if (!call.TryWin(this))
        {
            call.HangUp(leg, _stopped ?? ReleaseCause.CompletedElsewhere);
            return 487;
        }
        // §13.2.1: the answer may have come in an unreliable 183 only; then the 200 of the same dialog stands for it (I48).
        Answer = response is not null && MessageBody.Of(response) is { IsSdp: true } body
            ? body.Text
            : _early.GetValueOrDefault(response?.To.Tag ?? "");
        return 200;
    }

    private int Refused(InviteOutcome outcome)
    {
        Cause = ReleaseCause.Of(outcome.Response);
        if (outcome.StatusCode == 430)
            tenant.Registrar.FlowGone(leg.Flow.Text);             // RFC 5626 §11.2: the connection is gone
        // Its edge is away, or began anew without it: for the caller the phone is not there.
        return outcome.Result == InviteResult.TransportError ? 480 : outcome.StatusCode;
    }

    private void Progressed(OutgoingInvite invite, SipResponse response)
    {
        _lives.TrySetResult();
        if (_stopped is not null)
            return;
        if (MessageBody.Of(response) is { IsSdp: true } body)
            _early[response.To.Tag ?? ""] = body.Text;
        if (response.StatusCode > 100 || PhoneHabits.RingsSilently(binding.UserAgent))
            call.Alerting();
    }
}
