using CloudPbx.MediaControl;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// What a carrier's callee lets hear before it answers: announcements and ringing tones of the network (RFC 3960). It reaches the caller as it came, 183 with a session
/// description; where no packets come, the media node rings meanwhile (I45). Several early dialogs of one INVITE share our one offer: the latest is heard (I48).
/// A caller that made no offer gets ours in the first reliable response, where it can take one (RFC 3262 §5), and may offer anew in UPDATE or PRACK once there is a session.
/// </summary>
internal sealed partial class Call
{
    private PhoneAttempt? _heard;                                 // whose early media the caller hears, or heard last
    private string? _earlyAnswer;                                 // the session description that the caller got before its answer
    private int _progressTold;                                    // the last provisional status without ringing that the caller got
    private Task<LegDescription?>? _earlyOffer;                   // our offer to a caller that made none, until its PRACK has answered it
    private LegId? _earlyOfferLike;                               // whose codecs it was made with

    /// <inheritdoc/>
    public void Progressing(PhoneAttempt attempt, int status, bool hasMedia, string? answer)
    {
        if (_winner is not null)
            return;
        if (hasMedia && (Invite.Offer is not null || Invite.TakesEarlyOffer || IsAgreedEarly))
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
        Progress(status);
        Changed();
    }

    /// <summary>Tells the caller how far its call is. Where all that it is told is reliable and it made no offer, the first word brings ours (RFC 3262 §5).</summary>
    private bool Progress(int status)
    {
        if (!Invite.WantsEarlyOffer)
            return Invite.Progress(status);
        bool isFirst = _earlyOffer is null;
        _tenant.Scheduler.Start(async () =>
        {
            await OfferEarlyAsync(status, null);
            if (!isFirst)
                Invite.Progress(status);
        });
        return true;
    }

    /// <summary>Whether a caller that made no offer has answered ours, or is about to, before the call is answered.</summary>
    private bool IsAgreedEarly => Invite.Offer is null && Invite.Offers != Sip.Dialogs.OfferState.None;

    /// <summary>Sends a caller that made no offer ours in a reliable provisional response, once; its PRACK brings the answer (RFC 3262 §5).</summary>
    /// <param name="status">The response.</param>
    /// <param name="like">Whom it will talk with, as far as that is known.</param>
    /// <returns>What was agreed on, or refused; null when the caller gave no answer.</returns>
    private Task<LegDescription?> OfferEarlyAsync(int status, LegId? like)
    {
        if (_earlyOffer is null)
            _earlyOfferLike = like;
        return _earlyOffer ??= OfferAsync();

        async Task<LegDescription?> OfferAsync()
        {
            _negotiations++;
            try
            {
                if (!Invite.TakesEarlyOffer)
                    return null;
                LegDescription offer = await OfferToCallerAsync(like);
                if (!offer.Accepted || !Invite.TakesEarlyOffer || !Invite.Progress(status, null, MessageBody.Sdp(offer.LocalSdp!)))
                    return null;
                _earlyAnswer = offer.LocalSdp;
                Changed();
            }
            catch (OperationCanceledException) when (_over.IsCancellationRequested)
            {
                return null;                                      // the call ended meanwhile
            }
            finally
            {
                _negotiations--;
            }
            return await ReceiveEarlyAnswerAsync();
        }
    }

    /// <summary>Waits for the PRACK that answers our early offer. That may take half a minute, and another owner can go on waiting: the call is steady meanwhile.</summary>
    private async Task<LegDescription?> ReceiveEarlyAnswerAsync()
    {
        MessageBody? body = await Invite.EarlyAnswer;
        _negotiations++;
        try
        {
            if (body is not { IsSdp: true } answer)
                return null;
            LegDescription agreed = await ReceiveAnswerAsync(_caller, answer.Text, _over.Token);
            if (!agreed.Accepted)
                LogBadAnswer(Id.ToString(), _caller.Number, agreed.Fault ?? "");
            // With a session description from us its phone rings no more by itself (I47).
            else if (_heard is null && _winner is null && Invite.IsPending)
                _ = Media.PlayAsync(_caller.Media, Tone.Ringback, _over.Token);
            return agreed;
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            return null;                                          // the call ended meanwhile
        }
        finally
        {
            _negotiations--;
        }
    }

    /// <summary>Goes on where another owner was that had sent the caller an early offer.</summary>
    private void GoOnWithEarlyOffer()
    {
        if (Invite.Offer is not null || Invite.Offers != Sip.Dialogs.OfferState.FirstSent)
            return;
        Task<LegDescription?> answered = _earlyOffer = ReceiveEarlyAnswerAsync();
        if (_heard is { } heard)
            _tenant.Scheduler.Start(async () => BridgeEarly(heard, await answered));
    }

    /// <summary>The caller offers anew before it is answered (UPDATE, RFC 3311 §5.2; PRACK, RFC 3262 §5).</summary>
    private async Task AnswerEarlyOfferAsync(IncomingReinvite offer)
    {
        _negotiations++;
        try
        {
            if (!IsOfLeg(_caller, offer.Flow))
                offer.Reject(403);                                // S11: from elsewhere anybody could send it
            else if (offer.Offer is not { IsSdp: true } body)
                offer.Reject(415);
            else
                await AnswerEarlyOfferAsync(offer, body.Text);
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            offer.Reject(487);                                    // the call ended meanwhile
        }
        finally
        {
            _negotiations--;
        }
    }

    private async Task AnswerEarlyOfferAsync(IncomingReinvite offer, string sdp)
    {
        if (_earlyOffer is { } ours)
            await ours;                                           // the PRACK that answered it may have come a moment before
        LegDescription local = await Media.ReceiveOfferAsync(_caller.Media, PolicyOf(_caller), sdp, _over.Token);
        if (local.Accepted)
            local = await AnswerAsync(_caller, (_winner ?? _heard)?.Leg.Media, _over.Token);
        if (!local.Accepted)
        {
            offer.Reject(local.Unavailable ? 503 : 488, null, ReleaseCause.NotAcceptable(local).ToHeaders(_tenant.Domain, offer.Request));
            return;
        }
        _earlyAnswer = local.LocalSdp;
        offer.Accept(MessageBody.Sdp(local.LocalSdp!));
        Changed();
    }

    private async Task RelayEarlyMediaAsync(PhoneAttempt attempt, int status, string? answer)
    {
        bool agreed;
        _negotiations++;
        try
        {
            agreed = answer is null || (await ReceiveAnswerAsync(attempt.Leg, answer, _over.Token)).Accepted;
            if (!IsAgreedEarly && !Invite.TakesEarlyOffer)
            {
                await AnswerEarlyAsync(attempt, status, agreed);
                return;
            }
        }
        catch (OperationCanceledException) when (_over.IsCancellationRequested)
        {
            return;                                               // the call ended meanwhile
        }
        finally
        {
            _negotiations--;
        }
        await HearAsync(attempt, status, agreed);
    }

    /// <summary>Has a caller that made an offer hear early media: its answer goes with the response.</summary>
    private async Task AnswerEarlyAsync(PhoneAttempt attempt, int status, bool agreed)
    {
        string? local = null;
        if (agreed && !IsPastEarly(attempt))
            local = await AnswerAsync(_caller, attempt.Leg.Media, _over.Token) is { Accepted: true } ours ? ours.LocalSdp : null;
        if (IsPastEarly(attempt))
            return;
        if (local is null)
        {
            LogNoEarlyMedia(Id.ToString(), attempt.Leg.Number);
            Tell(status);                                         // the answer may bring what can be served
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

    /// <summary>Has a caller that made no offer hear early media, by the session that our own offer made.</summary>
    private async Task HearAsync(PhoneAttempt attempt, int status, bool agreed)
    {
        bool isFirst = _earlyOffer is null && Invite.TakesEarlyOffer;
        if (IsPastEarly(attempt))
            return;
        if (!agreed)
        {
            Tell(status);                                         // nothing is heard, and it rings all the same
            return;
        }
        _heard = attempt;
        if (!BridgeEarly(attempt, await OfferEarlyAsync(status, attempt.Leg.Media)))
            return;
        if (!isFirst)
            Tell(status);
        else if (status == 180)
            Telemetry.Ringing();
    }

    /// <returns>False where another one is heard by now, or nobody.</returns>
    private bool BridgeEarly(PhoneAttempt attempt, LegDescription? caller)
    {
        if (IsPastEarly(attempt) || !ReferenceEquals(_heard, attempt))
            return false;
        if (caller is { Accepted: true } || (caller is null && IsAgreedEarly))
            _ = Media.BridgeEarlyAsync(_caller.Media, attempt.Leg.Media, _over.Token);
        return true;
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

    /// <summary>A reliable 183 was the answer, or our offer (RFC 3262 §5): where the callee that answered at last wants another codec, the caller gets a re-INVITE.</summary>
    private void SettleAfterEarlyMedia(LegDescription local)
    {
        bool differs = Invite.Offer is null ? _earlyOfferLike != _winner?.Leg.Media : _earlyAnswer is { } early && early != local.LocalSdp;
        if (differs && Invite.Offers == Sip.Dialogs.OfferState.Agreed)
            _tenant.Scheduler.Start(() => RepairAsync(_caller));
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId}: the early media of leg {Leg} cannot be passed on")]
    private partial void LogNoEarlyMedia(string callId, int leg);
}
