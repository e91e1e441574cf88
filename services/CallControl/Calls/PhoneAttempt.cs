using System.Diagnostics;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Carriers;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using CloudPbx.Sip.UserAgents;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>One phone that rings for a call, or one server of a carrier that is asked: an INVITE on a leg of its own, sent once more in the other form where the phone refuses SRTP, or its absence.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class PhoneAttempt(Call call, IRinging ringing, TenantRuntime tenant, WorkerServices worker, CallLeg leg, Binding? binding)
{
    private const int MaximumDetours = 2;

    // A phone says 100 within milliseconds; after four retransmissions on UDP nobody is there. A dead contact would keep callers waiting else.
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(8);

    // By the connection beside UDP: that was opened a moment ago, so nothing is lost on the way, and UDP has its own time after it.
    private static readonly TimeSpan s_signOfLifeBeside = TimeSpan.FromSeconds(4);

    private readonly TaskCompletionSource _lives = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, string> _early = [];
    private bool _firstForm = leg.OffersSrtp;
    private bool _offersMore;                                     // than audio
    private EdgeFlow? _datagrams;                                 // the way by UDP, while a long INVITE goes by TCP instead
    private int _detours;                                         // how often one did
    private bool _unheard;                                        // the last status was ours: nobody said anything
    private DateTime _sentAt;
    private OutgoingInvite? _invite;
    private ReleaseCause? _stopped;
    private string? _agreedIn;
    private IReadOnlyList<SipUri> _redirectedTo = [];             // until somebody follows

    /// <summary>The phone's leg.</summary>
    public CallLeg Leg => leg;

    /// <summary>For whom it rings.</summary>
    public IRinging For => ringing;

    /// <summary>The binding that the phone was found by; null for a carrier.</summary>
    public Binding? Binding => binding;

    /// <summary>What the carrier's Retry-After said.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>Why the carrier did not take the call; null where it did, or was not asked.</summary>
    public CarrierRefusal? Refusal { get; private set; }

    /// <summary>Whether anybody was asked: an INVITE was sent, and no want of media kept it back.</summary>
    public bool WasAsked => _sentAt != default;

    /// <summary>Whether the callee rang, or the carrier let hear something instead.</summary>
    public bool Rang { get; private set; }

    /// <summary>The phone's answer to our offer, once it answered; its offer, where ours was not sent.</summary>
    public string? Answer { get; private set; }

    /// <summary>Whether the media node agreed with the phone before it answered: the last word was an offer in UPDATE, not <see cref="Answer"/>.</summary>
    public bool IsAgreed { get; private set; }

    /// <summary>Why it refused, where it said so.</summary>
    public ReleaseCause? Cause { get; private set; }

    /// <summary>Its final status; 0 while it is asked.</summary>
    public int Status { get; private set; }

    /// <summary>Whether it waits for nothing but its phone, so that another owner can go on waiting.</summary>
    public bool IsSteady => _redirectedTo.Count == 0 && (Status != 0 || _invite is { IsPending: true });

    /// <summary>Whether it was stopped: what its phone says now is nobody's refusal.</summary>
    public bool IsStopped => _stopped is not null;

    /// <summary>The Call-ID of its INVITE; null before there is one.</summary>
    public string? CallId => _invite?.CallId;

    /// <summary>Whether its INVITE still waits for a final response, be it the 487 after a CANCEL.</summary>
    public bool IsPending => _invite is { IsPending: true };

    /// <summary>Whether it rings, in an early dialog that a Replaces names (RFC 3891 §3: one that we began).</summary>
    public bool RingsIn(Replaces replaces) => Status == 0 && _stopped is null && _invite is { IsPending: true } invite && invite.IsNamedBy(replaces);

    /// <summary>Rings until the phone answers or refuses, or <see cref="Stop"/>.</summary>
    /// <returns>200 when this phone is the one that answered; else its refusal: 408 for silence, 487 when it was stopped.</returns>
    public async Task<int> RunAsync()
    {
        if (Status == 0)
        {
            using Activity? span = call.Telemetry.Span("ring phone", ActivityKind.Client);
            span?.SetTag("cloudpbx.leg", leg.Number);
            Status = await AskAsync();
            span?.SetTag("sip.response.status_code", Status);
            if (Status != 200)
                call.Drop(leg);
            call.Changed();
        }
        return Status;
    }

    /// <summary>Stops ringing, or hangs up where the phone answered this very moment (I18).</summary>
    public void Stop(ReleaseCause cause)
    {
        if (_stopped is not null)
            return;
        _stopped = cause;
        _invite?.Cancel(cause.Header);
        call.Drop(leg);
        call.Changed();
    }

    /// <summary>Where it sends the call on to, where its refusal was a 3xx; told once.</summary>
    public IReadOnlyList<SipUri> TakeRedirection()
    {
        IReadOnlyList<SipUri> redirection = _redirectedTo;
        _redirectedTo = [];
        return redirection;
    }

    /// <summary>What the next owner needs of it.</summary>
    public AttemptSnapshot ToSnapshot() => new()
    {
        Leg = leg.Number,
        Invite = _invite is { IsPending: true } invite ? invite.ToState() : null,
        Status = Status,
        Cause = Cause,
        FirstForm = _firstForm,
        SentAt = _sentAt,
        Lives = _lives.Task.IsCompleted,
        Early = _early,
        AgreedIn = _agreedIn,
    };

    /// <summary>Goes on where another owner was.</summary>
    /// <param name="snapshot">What that owner wrote.</param>
    /// <param name="isComplete">Whether it wrote it as its last act; else the phone may have said more by now.</param>
    public void Resume(AttemptSnapshot snapshot, bool isComplete)
    {
        Status = snapshot.Status;
        Cause = snapshot.Cause;
        _firstForm = snapshot.FirstForm;
        _sentAt = snapshot.SentAt;
        _agreedIn = snapshot.AgreedIn;
        foreach ((string tag, string answer) in snapshot.Early)
            _early[tag] = answer;
        if (snapshot.Lives)
            _lives.TrySetResult();
        if (snapshot.Invite is not { } state)
            return;
        // §9.1 lets only an INVITE with a provisional response be cancelled. What came since is not known; a CANCEL that finds nothing does no harm.
        _invite = tenant.Agents.Restore(isComplete ? state : state with { IsProceeding = true }, leg.Flow, leg.Carrier?.Authentication);
        Listen(_invite);
    }

    private async Task<int> AskAsync()
    {
        try
        {
            while (true)
            {
                int status = _invite is null ? await SendAsync() : 0;
                if (status == 0)
                    status = await AwaitAnswerAsync(_invite!);
                if (ReturnsToDatagrams(status))
                {
                    _invite = null;
                    continue;
                }
                if (_offersMore && !leg.IsOfferedAudioOnly && status is 488 or 415 or 606 && _stopped is null)
                {
                    leg.IsOfferedAudioOnly = true;                // it should have refused the video alone (RFC 3264 §6), and would have talked
                    _invite = null;
                    continue;
                }
                bool again = status >= 300 && _stopped is null && !leg.Terms.Offerless && !leg.IsBrowser && leg.OffersSrtp == _firstForm
                    && SrtpChoice.TriesOtherForm(leg.Encryption, binding is not { Srtp: null }, status, worker.Time.GetUtcNow().UtcDateTime - _sentAt);
                if (!again)
                    return status;
                leg.OffersSrtp = !leg.OffersSrtp;
                _invite = null;
            }
        }
        catch (OperationCanceledException)
        {
            return 487;                                           // the call ended while the media node was asked
        }
    }

    /// <summary>Makes the offer and sends the INVITE.</summary>
    /// <returns>0, or the status of what could not be sent.</returns>
    private async Task<int> SendAsync()
    {
        call.TakesMedia(leg);
        LegDescription? offer = leg.Terms.Offerless ? null : await call.OfferToAsync(leg, ringing.Like);
        if (_stopped is not null)
            return 487;
        if (offer is { Accepted: false })
        {
            Cause = ReleaseCause.NotAcceptable(offer);
            return offer.Unavailable ? 503 : 488;
        }
        _offersMore = offer is { PassesMore: true };
        OutgoingInviteOptions options = call.InviteFor(leg, binding, offer?.LocalSdp, ringing.Identity) with { EarlyOffer = TakeEarlyOffer };
        if (await LeavesByStreamAsync(options))
            options = call.InviteFor(leg, binding, offer?.LocalSdp, ringing.Identity) with { EarlyOffer = TakeEarlyOffer };       // its Contact names the transport
        if (_stopped is not null)
            return 487;
        _sentAt = worker.Time.GetUtcNow().UtcDateTime;
        call.Changed(atOnce: true);                              // from here on somebody waits for an end that the next owner has to tell
        _invite = tenant.Agents.Invite(options, leg.Flow);
        Listen(_invite);
        return 0;
    }

    /// <summary>An INVITE that is too long for UDP goes to the carrier by TCP, where the trunk leaves that to us and the carrier takes it (RFC 3261 §18.1.1, I42).</summary>
    private async Task<bool> LeavesByStreamAsync(OutgoingInviteOptions options)
    {
        if (_detours == MaximumDetours || leg.Carrier is not { } carrier || leg.Flow.Transport != SipTransport.Udp || !CarrierFlows.IsForUsToChoose(carrier.Trunk)
            || !CarrierFlows.IsTooLong(carrier, tenant.Agents.LengthOf(options, leg.Flow)) || await tenant.Trunks.Flows.OpenBesideAsync(carrier.Trunk, leg.Flow) is not { } stream)
            return false;
        _detours++;
        _datagrams = leg.Flow;
        leg.MoveTo(stream);
        return true;
    }

    /// <summary>Whether a long INVITE went by TCP for its length alone, and nobody was there: then UDP has to do, as if TCP had refused the connection (RFC 3261 §18.1.1).</summary>
    private bool ReturnsToDatagrams(int status)
    {
        if (_datagrams is not { } datagrams || !_unheard || _lives.Task.IsCompleted || _stopped is not null)
            return false;
        _datagrams = null;
        // A kept connection that had ended (430) is opened once more; one that carries nothing is not.
        if (status != 430)
            _detours = MaximumDetours;
        if (status == 408)
            tenant.Trunks.Flows.SilentBeside(datagrams);
        Cause = null;
        Refusal = null;
        leg.MoveTo(datagrams);
        return true;
    }

    private async Task<int> AwaitAnswerAsync(OutgoingInvite invite)
    {
        _unheard = false;
        Task silence = tenant.DelayAsync(_datagrams is null ? s_signOfLife : s_signOfLifeBeside, out TimerHandle timer);
        await tenant.Scheduler.FirstOf(invite.Outcome, _lives.Task, silence);
        timer.Cancel();
        if (!invite.Outcome.IsCompleted && !_lives.Task.IsCompleted)
        {
            invite.Cancel(ReleaseCause.NoAnswer.Header);          // an answer after that is hung up
            _unheard = true;
            Refusal = new CarrierRefusal(0, "No answer");
            return 408;
        }
        InviteOutcome outcome = await invite.Outcome;
        return outcome.Dialog is { } dialog ? Answered(dialog, outcome.Response) : Refused(outcome);
    }

    private int Answered(InviteDialog dialog, SipResponse? response)
    {
        call.Attach(leg, dialog);
        leg.IsOfferedAudioOnly = false;                           // a fax may come later
        if (_stopped is not null || !ringing.TryWin(this))
        {
            call.HangUp(leg, _stopped ?? ReleaseCause.CompletedElsewhere);
            return 487;
        }
        if (leg.Use is { } use)
        {
            use.AnsweredAt ??= worker.Time.GetUtcNow().UtcDateTime;
            tenant.Usage.Watch();
        }
        string tag = dialog.Id.RemoteTag;
        IsAgreed = _agreedIn == tag;
        // §13.2.1: the answer may have come in an unreliable 183 only; then the 200 of the same dialog stands for it (I48).
        Answer = response is not null && MessageBody.Of(response) is { IsSdp: true } body
            ? body.Text
            : _early.GetValueOrDefault(tag);
        return 200;
    }

    private void Listen(OutgoingInvite invite)
    {
        invite.Provisional += Progressed;
        if (leg.Carrier is { } carrier)
        {
            invite.ReliabilityRefused += (_, refusal) => tenant.Trunks.Learn(carrier.Trunk, refusal);
            invite.ReliabilityRequired += _ => tenant.Trunks.Unlearn(carrier.Trunk);
        }
        invite.OfferReceived = offer => tenant.Scheduler.Start(() => AnswerOfferAsync(offer));
    }

    /// <summary>The phone makes the offer, in a reliable provisional response (RFC 3262 §5).</summary>
    private void TakeEarlyOffer(EarlyOffer early) => tenant.Scheduler.Start(async () =>
    {
        if (MessageBody.Of(early.Response) is not { } offer || await AgreeAsync(null, offer.Text, early.Response.To.Tag ?? "") is not { Accepted: true } agreed)
            _invite?.Cancel(ReleaseCause.Sip(488, "Offer not acceptable").Header);        // there is no other way to refuse it
        else
        {
            early.Answer(MessageBody.Sdp(agreed.LocalSdp!));
            if (leg.Carrier is { Trunk.Profile.EarlyMedia: EarlyMediaPolicy.Relay })
                ringing.Progressing(this, StatusForCaller(early.Response), true, null);
        }
    });

    private static int StatusForCaller(SipResponse response) => response.StatusCode is >= 180 and <= 183 ? response.StatusCode : 183;

    /// <returns>What was agreed on, or refused; null when the call is over.</returns>
    private async Task<LegDescription?> AgreeAsync(string? answer, string offer, string tag)
    {
        try
        {
            LegDescription agreed = await call.AnswerOfferAsync(leg, ringing.Like, answer, offer);
            if (agreed.Accepted)
                _agreedIn = tag;
            call.Changed();
            return agreed;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>The phone changes its mind before it answers (UPDATE, RFC 3311 §5.2). What it said in the reliable response before comes first.</summary>
    private async Task AnswerOfferAsync(IncomingReinvite offer)
    {
        string tag = offer.Request.From.Tag ?? "";
        string? answer = _agreedIn == tag ? null : _early.GetValueOrDefault(tag);
        if (!call.IsOfLeg(leg, offer.Flow))
            offer.Reject(403);                                    // S11: from elsewhere anybody could send it
        else if (offer.Offer is not { IsSdp: true } body)
            offer.Reject(415);
        else if (await AgreeAsync(answer, body.Text, tag) is not { } agreed)
            offer.Reject(487);
        else if (!agreed.Accepted)
            offer.Reject(agreed.Unavailable ? 503 : 488, null, ReleaseCause.NotAcceptable(agreed).ToHeaders(tenant.Domain, offer.Request));
        else
            offer.Accept(MessageBody.Sdp(agreed.LocalSdp!));
    }

    private int Refused(InviteOutcome outcome)
    {
        Cause = ReleaseCause.Of(outcome.Response);
        if (leg.Carrier is not null)
            return RefusedByCarrier(outcome);
        if (outcome is { StatusCode: >= 300 and < 400, Response: { } redirection })
            _redirectedTo = [.. redirection.Contacts.Select(contact => contact.Uri)];
        if (outcome.StatusCode == 430)
            tenant.Registrar.FlowGone(leg.Flow.Text);             // RFC 5626 §11.2: the connection is gone
        // Its edge is away, or began anew without it: for the caller the phone is not there.
        return outcome.Result == InviteResult.TransportError ? 430 : outcome.StatusCode;
    }

    private int RefusedByCarrier(InviteOutcome outcome)
    {
        _unheard = outcome.Response is null || outcome.StatusCode == 430;
        Refusal = outcome switch
        {
            { StatusCode: 430 } or { Result: InviteResult.TransportError } => new CarrierRefusal(0, "The connection ended"),
            { Response: { } said } => new CarrierRefusal(said.StatusCode, CarrierAnswer.WordsOf(said)),
            { Result: InviteResult.TimedOut } => new CarrierRefusal(0, "No answer"),
            _ => null,
        };
        // The carrier's words go into the record, also where it gave no Reason.
        if (outcome.Response is { } response)
        {
            Cause ??= ReleaseCause.Sip(response.StatusCode, response.ReasonPhrase);
            RetryAfter = CarrierAnswer.RetryAfterOf(response);
        }
        if (outcome.StatusCode == 430)
            tenant.Trunks.Flows.Gone(leg.Flow);
        return outcome.Result == InviteResult.TransportError ? 503 : outcome.StatusCode;
    }

    private void Progressed(OutgoingInvite invite, SipResponse response)
    {
        bool isFirst = _lives.TrySetResult();
        if (response.RSeq is not null)
            call.Changed();                                       // its PRACK moves our CSeq on; a BYE to a late 200 comes after it (RFC 3262 §3)
        else if (isFirst)
            call.Progressed();
        Rang |= response.StatusCode is > 100 and not 199;
        if (_stopped is not null)
            return;
        string? answer = MessageBody.Of(response) is { IsSdp: true } body ? body.Text : null;
        if (answer is not null)
            _early[response.To.Tag ?? ""] = answer;
        if (response.StatusCode > 100 && leg.Carrier is { Trunk.Profile.EarlyMedia: EarlyMediaPolicy.Relay })
        {
            // RFC 6228: 199 is of a fork that ended. An offer of the carrier's is told of when it is answered.
            if (response.StatusCode != 199)
                ringing.Progressing(this, StatusForCaller(response), answer is not null && !leg.Terms.Offerless, answer);
        }
        else if (response.StatusCode > 100 || (binding is not null && PhoneHabits.RingsSilently(binding.UserAgent)))
            ringing.Alerting();
    }
}
