using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// What a carrier's callee lets hear before it answers: announcements and ringing tones of the network (RFC 3960). It reaches the caller as it came, 183 with a session
/// description; where no packets come, the media node rings meanwhile (I45). Several early dialogs of one INVITE share our one offer: the latest is heard (I48).
/// </summary>
internal sealed partial class Call
{
    private PhoneAttempt? _heard;                                 // whose early media the caller hears, or heard last
    private string? _earlyAnswer;                                 // the session description that the caller got before its answer
    private int _progressTold;                                    // the last provisional status without ringing that the caller got

    /// <inheritdoc/>
    public void Progressing(PhoneAttempt attempt, int status, bool hasMedia, string? answer)
    {
        if (_winner is not null)
            return;
        if (hasMedia && Invite.Offer is not null)
            _tenant.Scheduler.Start(() => RelayEarlyMediaAsync(attempt, status, answer));
        else if (status == 180)
            Alerting();
        else
            Tell(status);
    }

    // I47: without a session description a 183 says no more than that something goes on; said once.
    private void Tell(int status)
    {
        if (_alerting || _progressTold == status)
            return;
        _progressTold = status;
        Invite.Progress(status);
        Changed();
    }

    private async Task RelayEarlyMediaAsync(PhoneAttempt attempt, int status, string? answer)
    {
        _negotiations++;
        try
        {
            bool agreed = answer is null || (await ReceiveAnswerAsync(attempt.Leg, answer, _over.Token)).Accepted;
            string? local = null;
            if (agreed && !IsPastEarly(attempt))
                local = await AnswerAsync(_caller, attempt.Leg.Media, _over.Token) is { Accepted: true } ours ? ours.LocalSdp : null;
            if (IsPastEarly(attempt))
                return;
            if (local is null)
            {
                LogNoEarlyMedia(Id.ToString(), attempt.Leg.Number);
                Tell(status);                                     // the answer may bring what can be served
                return;
            }
            _heard = attempt;
            _earlyAnswer = local;
            _ = Media.BridgeEarlyAsync(_caller.Media, attempt.Leg.Media, _over.Token);      // never after the final bridge: commands keep their order
            if (status == 180)
                Telemetry.Ringing();
            Invite.Progress(status, null, MessageBody.Sdp(local));
            Changed();
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            // the call ended meanwhile
        }
        finally
        {
            _negotiations--;
        }
    }

    /// <summary>Agrees on early media for a party that is transferred, or that a program called.</summary>
    /// <returns>Whether it can be heard.</returns>
    public async Task<bool> AgreeOnEarlyMediaAsync(PhoneAttempt attempt, string? answer)
    {
        _negotiations++;
        try
        {
            return attempt.Leg.HasMedia && (answer is null || (await ReceiveAnswerAsync(attempt.Leg, answer, _over.Token)).Accepted);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            return false;                                         // the call ended meanwhile
        }
        finally
        {
            _negotiations--;
        }
    }

    private bool IsPastEarly(PhoneAttempt attempt) =>
        _winner is not null || attempt.Status != 0 || !Invite.IsPending || _over.IsCancellationRequested || !attempt.Leg.HasMedia;

    /// <summary>A trunk that has failed after its early media is followed by one that only rings: the caller's phone waits for packets since, so the media node rings.</summary>
    private void RingAfterEarlyMedia()
    {
        if (_earlyAnswer is not null && _heard is { Status: not 0 } && _caller.HasMedia)
            _ = Media.PlayAsync(_caller.Media, Tone.Ringback, _over.Token);
    }

    /// <summary>A reliable 183 was the answer (RFC 3262 §5): where the callee that answered at last wants another codec, the caller gets a re-INVITE.</summary>
    private void SettleAfterEarlyMedia(LegDescription local)
    {
        if (_earlyAnswer is { } early && early != local.LocalSdp && Invite.Offers == Sip.Dialogs.OfferState.Agreed)
            _tenant.Scheduler.Start(() => RepairAsync(_caller));
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: the early media of leg {Leg} cannot be passed on")]
    private partial void LogNoEarlyMedia(string callId, int leg);
}
