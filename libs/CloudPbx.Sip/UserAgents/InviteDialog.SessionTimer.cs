using System.Globalization;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.UserAgents;

/// <summary>The session timer (RFC 4028): who refreshes does it at half time, who waits hangs up when nothing comes.</summary>
public sealed partial class InviteDialog
{
    private TimerHandle _refresh;
    private TimerHandle _expiry;
    private uint? _minimum;                              // what a 422 said

    /// <summary>
    /// Gets or sets who refreshes the session by a re-INVITE with the offer in force, where the peer does not take UPDATE (§10). Without it UPDATE is sent all the
    /// same.
    /// </summary>
    public Action? RefreshByReinvite { get; set; }

    private DateTimeOffset Now => _layer.Timers.TimeProvider.GetUtcNow();

    /// <summary>A 2xx of ours: says what of the timer the request asks for we agree to (§9).</summary>
    internal static SessionExpires? AddSessionTimer(SipResponse response, SipRequest request, SessionTimer? current, uint? asks)
    {
        if (SessionTimer.AnswerTo(request, current, asks) is not { } agreed)
            return null;
        response.Headers.Add(SipHeaderName.SessionExpires, agreed.ToString());
        if (agreed.Refresher == SessionRefresher.Uac)
            response.Headers.Add(SipHeaderName.Require, SessionTimer.OptionTag);
        return agreed;
    }

    /// <summary>We answered a request of the peer with this.</summary>
    internal void AgreedWithPeer(SessionExpires? agreed) => Agree(agreed is { } value ? new SessionTimer(value.Seconds, value.Refresher == SessionRefresher.Uas, Now) : null);

    /// <summary>The peer answered a request of ours. No word of the timer means that there is none (§7.2, I15).</summary>
    internal void AgreedByPeer(SipResponse response) => Agree(response.SessionExpires is { Seconds: > 0 } value
        ? new SessionTimer(Math.Max(value.Seconds, SessionTimer.Minimum), value.Refresher != SessionRefresher.Uas, Now) : null);

    private void Agree(SessionTimer? timer)
    {
        if (State.SessionTimer is null && timer is null)
            return;
        _dialog.Agree(timer);
        StartSessionTimer();
    }

    /// <summary>Begins to wait, also after another owner did.</summary>
    private void StartSessionTimer()
    {
        StopSessionTimer();
        if (State.SessionTimer is not { } timer || IsEnded)
            return;
        TimeSpan past = Now - timer.RefreshedAt;
        _expiry = _layer.Timers.Schedule(timer.ExpiresAfter - past, static me => ((InviteDialog)me!).Expire(), this);
        if (timer.WeRefresh)
            _refresh = _layer.Timers.Schedule(timer.RefreshAfter - past, static me => _ = ((InviteDialog)me!).RefreshAsync(), this);   // never fails
    }

    private void StopSessionTimer()
    {
        _refresh.Cancel();
        _expiry.Cancel();
    }

    private async Task RefreshAsync()
    {
        if (State.PeerTakesUpdate || RefreshByReinvite is null)
        {
            ReinviteOutcome outcome = await UpdateAsync(null);
            if (outcome.StatusCode is not (405 or 501))
                return;                                  // a 481 or 408 has ended the dialog; after any other failure the expiry does
        }
        if (!IsEnded)
            RefreshByReinvite?.Invoke();
    }

    private void Expire()
    {
        if (IsEnded)
            return;
        _byeReason ??= "Q.850;cause=102;text=\"Session timer expired\"";
        SendBye();
        End(DialogEndCause.Expired, null);
    }

    /// <summary>§7.4: each of our refreshes says what is in force, in the terms of this request.</summary>
    private void AddSessionTimer(SipRequest request)
    {
        if (State.SessionTimer is not { } timer || (request.Method != SipMethod.Invite && request.Method != SipMethod.Update))
            return;
        request.Headers.Add(
            SipHeaderName.SessionExpires, new SessionExpires(timer.Seconds, timer.WeRefresh ? SessionRefresher.Uac : SessionRefresher.Uas).ToString());
        if (timer.Seconds > SessionTimer.Minimum)
            request.Headers.Add(SipHeaderName.MinSE, (_minimum ?? SessionTimer.Minimum).ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A 422 to a refresh: once more with what it says (§7.3, I14).</summary>
    private bool TakesLonger(ReinviteOutcome outcome)
    {
        if (outcome is not { StatusCode: 422, Response.MinSE: { } least } || State.SessionTimer is not { } timer || least <= timer.Seconds)
            return false;
        _minimum = least;
        _dialog.Agree(timer with { Seconds = least });
        return true;
    }
}
