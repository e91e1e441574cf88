using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Ladders;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>
/// A call, from the caller's INVITE to its record: a back-to-back user agent whose life is one sequential method, <see cref="RunAsync"/>. It is entered at
/// the front, or where another owner of the tenant left it, at the ringing or the talking door. What happens meanwhile (re-INVITE, silence, an operator) comes by its other members; state is read again after every await.
/// </summary>
/// <remarks>Used on the tenant's thread. Partial: setting up (<c>Call.Ringing.cs</c>), talking and ending (<c>Call.Talking.cs</c>), moving (<c>Call.Moving.cs</c>).</remarks>
[SuppressMessage("Design", "CA1001", Justification = "_over has neither timer nor wait handle; late tasks of the call still look at it.")]
internal sealed partial class Call : IRinging
{
    // In the log lines of the call's own sequence; what comes from outside meanwhile names the call itself.
    private static readonly Func<ILogger, string, string, IDisposable?> s_scope = LoggerMessage.DefineScope<string, string>("tenant {TenantId} call {CallId}");

    private readonly TenantRuntime _tenant;
    private readonly WorkerServices _worker;
    private readonly ILogger<Call> _logger;
    private readonly IncomingInvite? _invite;                     // null where it was answered before this owner came
    private CallLeg _caller;                                      // after a transfer, who came in the caller's place
    private readonly List<CallLeg> _legs = [];
    private readonly List<Task> _goodbyes = [];
    private readonly CancellationTokenSource _over = new();
    private readonly TaskCompletionSource<ReleaseCause> _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ulong _number;
    private readonly Func<Task> _door;

    /// <summary>A phone's call.</summary>
    public Call(TenantRuntime tenant, WorkerServices worker, ServerTransaction transaction, ConfiguredDevice caller, EdgeFlow flow)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = tenant.Calls.LoggerOfCalls;
        Id = CallId.New();
        _number = NumberOf(Id);
        _door = RouteAsync;
        SipRequest request = transaction.Request;
        // sips towards us means sips from us (§12.1.1); by TLS with a plain sip URI it does not.
        bool secure = request.RequestUri.Scheme == SipScheme.Sips || request.Contacts is [{ Uri.Scheme: SipScheme.Sips }, ..];
        _caller = new CallLeg(Id, 0, CallParty.Caller, caller, flow)
        {
            Terms = tenant.PhoneTerms,
            ToneCountry = tenant.Configuration.ToneCountry,
            Binding = tenant.Registrar.FindBy(caller, flow),
        };
        _legs.Add(_caller);
        _invite = tenant.Agents.Take(transaction, flow.ContactFor(TokenOf(_caller), secure), null, _caller.Terms.Reliable, _caller.Terms.Timer, _caller.Terms.SessionInterval);
        _invite.OfferReceived = offer => _tenant.Scheduler.Start(() => AnswerEarlyOfferAsync(offer));
        if (tenant.IsEmergency(request))
            _invite.WaiveExpiry();                                // S36: help is called until it comes
        Configuration = tenant.Configuration;
        Record = new CallRecord
        {
            Tenant = tenant.Tenant,
            Call = Id,
            CallerNumber = caller.Extension,
            CallerName = NameOf(caller.Extension),
            CalledNumber = Router.DialledString(request.RequestUri),
            StartedAt = Now,
        };
        Ladder = new CallLadder(tenant.Ladders, worker.Time, Record.StartedAt);
        Ladder.Add(_caller, transaction, Record.CalledNumber);
        Telemetry = new CallTelemetry(worker, Record);
    }

    /// <summary>The call's name, also that of its media session.</summary>
    public CallId Id { get; }

    /// <summary>What the call has been so far.</summary>
    public CallRecord Record { get; }

    /// <summary>What operators see of the call.</summary>
    public CallTelemetry Telemetry { get; }

    /// <summary>What its legs and we have said to each other.</summary>
    private CallLadder Ladder { get; }

    /// <summary>All legs, the caller's first.</summary>
    public IReadOnlyList<CallLeg> Legs => _legs;

    /// <summary>The BYEs that were sent, each done when it was answered.</summary>
    public IReadOnlyList<Task> Goodbyes => _goodbyes;

    /// <summary>The configuration with which the call began, here: a change of it does not touch a running call.</summary>
    private TenantConfiguration Configuration { get; }

    private IMediaNode Media => _tenant.Media;

    /// <summary>The caller's INVITE, where it is known to wait still.</summary>
    private IncomingInvite Invite => _invite ?? throw new InvalidOperationException("The call was answered before.");

    private DateTime Now => _worker.Time.GetUtcNow().UtcDateTime;

    /// <summary>The whole call. Completes when both sides are told and the figures are in the record; faults only by a bug of ours, after cleaning up.</summary>
    public async Task RunAsync()
    {
        using IDisposable? scope = s_scope(_logger, Record.Tenant.ToString(), Id.ToString());
        Telemetry.Begin();
        foreach (CallLeg leg in _legs)
            leg.Flow.Trace = Telemetry.Trace;
        try
        {
            await _door();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogFault(Id.ToString(), e);
            Refuse(500, ReleaseCause.Fault);
            HangUpAll(ReleaseCause.Fault);
        }
        finally
        {
            LeaveRoom();
            _tenant.Calls.EndSupervisionsOf(Id);
            await _over.CancelAsync();
            using (Telemetry.Span("call end"))
                await RemoveMediaAsync();
            Telemetry.Ended();
        }
        LogEnded(Id.ToString(), Record.CallerNumber, Record.CalledNumber, Record.Status, Record.Cause?.Text ?? "");
    }

    /// <summary>The fact that it ended, told once: its ladder goes with it.</summary>
    public CallEnded ToFact(DateTime endedAt) => Record.ToFact(endedAt) with { Ladder = Ladder.Close(Record, endedAt) };

    /// <summary>Ends the call from outside: an operator, the worker's end, a lost media node.</summary>
    public void Release(ReleaseCause cause) => _release.TrySetResult(cause);

    /// <summary>The media node heard a digit (RFC 4733). In a bridged call it has passed through already, but for a carrier that takes keys by INFO.</summary>
    /// <returns>False where the same key was told by another way already.</returns>
    public bool DigitReceived(int leg, char digit, bool byInfo = false, int milliseconds = InfoDigit.UsualMilliseconds)
    {
        bool wasPassed = !byInfo && HearsKeysOf(leg), again = IsToldAgain(leg, digit, byInfo);
        // A carrier that wants INFO gets one of the key in the media, unless it has had that of the phone's own INFO.
        if (!byInfo && !(again && wasPassed))
            TellOfKey(leg, digit, milliseconds);
        if (again)
            return false;
        LogDigit(Id.ToString(), leg);
        if (!TakeCollectedDigit(leg, digit))
            TakeFeatureDigit(leg, digit);
        return true;
    }

    /// <summary>Nothing comes from a party any more: the call is dead.</summary>
    public void LegSilent(int leg)
    {
        if (_legs.Exists(known => known.Number == leg && known.HasMedia))
            Release(ReleaseCause.Silence);
    }

    /// <summary>The media node has forgotten all its sessions. Who talks already talks on by another one; else the call is over.</summary>
    public void MediaLost()
    {
        if (MayMoveMedia)
        {
            _tenant.Scheduler.Start(() => MoveMediaAsync(isLost: true));
            return;
        }
        foreach (CallLeg leg in _legs)
            leg.HasMedia = false;
        if (Record.AnsweredAt is not null || _invite is { IsPending: true } || _caller.Dialog is not null)
            Release(ReleaseCause.MediaLost);
    }

    private async Task RouteAsync()
    {
        RoutePlan plan = _tenant.News.Watch(
            _inbound ?? Router.Route(Record.CallerNumber, Record.CalledNumber, Configuration, _tenant.Calls.Conditions(Record.CallerNumber)), _inbound is null ? Record.CallerNumber : "");
        string steps = string.Join(' ', plan.Steps.Select(step => $"{step.Rule}={step.Value}"));
        LogRouted(Id.ToString(), steps);
        Telemetry.Routed(steps);
        Record.Decide(plan.Steps);
        // A telephone number belongs to nobody's domain (RFC 3966 §3), nor does a service; and a call for help is refused for none (S36).
        if (_inbound is null && plan.Target is not RouteTarget.ToTrunks { Emergency: true } && Invite.Request.RequestUri is { IsSip: true } uri && !IsOurs(uri.Host, Invite.Request, _caller))
        {
            Refuse(404, null);                                    // another's domain: no relay
            return;
        }
        switch (plan.Target)
        {
            case RouteTarget.Refused refused:
                await RefuseAloudAsync(refused.Status, null);
                break;
            case RouteTarget.ToConference conference:
                await ConferenceAsync(conference.Room);
                break;
            case RouteTarget.ToEcho:
                await EchoAsync(Record.CalledNumber);
                break;
            case RouteTarget.ToExtension extension:
                await ConnectAsync(extension);
                break;
            case RouteTarget.ToTrunks trunks:
                await CallOutsideAsync(trunks);
                break;
        }
    }

    // The port is never compared. A phone that knows us by an address only writes that address, in From as in the Request-URI.
    private bool IsOurs(string host, SipRequest? request, CallLeg leg) => OwnHosts.Include(Configuration, host, request, leg.Flow);

    // What a party names for us to call. A telephone number belongs to nobody's domain (RFC 3966 §3); else there is no relay to another's (S17).
    private bool IsHere(SipUri uri, SipRequest? request, CallLeg leg) => uri.Scheme == SipScheme.Tel || (uri.IsSip && IsOurs(uri.Host, request, leg));

    /// <summary>Ends the caller's INVITE with a failure, unless it is over already.</summary>
    private void Refuse(int status, ReleaseCause? cause)
    {
        if (Record.Status == 0)
        {
            Record.Status = status;
            Record.Cause = cause;
            Telemetry.Answered(status);
        }
        _invite?.Reject(status, null, cause?.ToHeaders(_tenant.Domain, _invite.Request));
    }

    private void Refuse((int Status, ReleaseCause? Cause) refusal) => Refuse(refusal.Status, refusal.Cause);

    /// <summary>The caller gave up before an answer, by itself or by the time that its INVITE gave, or took no notice of what was to be acknowledged (I6); 487 or 504 is sent already.</summary>
    private void GaveUp(InviteCancellation cancellation)
    {
        (Record.Status, Record.ReleasedBy, Record.Cause) = cancellation.Cause switch
        {
            InviteCancellationCause.NoPrack => (504, CallParty.System, ReleaseCause.NoPrack),
            InviteCancellationCause.Expired => (487, CallParty.Caller, ReleaseCause.InviteExpired),
            _ => (487, CallParty.Caller, ReleaseCause.Of(cancellation.Request)),
        };
        Telemetry.Answered(Record.Status);
    }

    private ContactToken TokenOf(CallLeg leg) => new(_tenant.Tenant.Value, _number, leg.Number);

    // The random half of the UUIDv7: the same in every process that knows the call.
    private static ulong NumberOf(CallId call)
    {
        Span<byte> octets = stackalloc byte[16];
        call.Value.TryWriteBytes(octets, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt64BigEndian(octets[8..]);
    }

    [LoggerMessage(LogLevel.Information, "Call {CallId} goes by {Steps}")]
    private partial void LogRouted(string callId, string steps);

    [LoggerMessage(LogLevel.Information, "Call {CallId} from {Caller} to {Called} ended: {Status} {Reason}")]
    private partial void LogEnded(string callId, string caller, string called, int status, string reason);

    [LoggerMessage(LogLevel.Debug, "Call {CallId}: leg {Leg} pressed a digit")]          // not which: it may be a card's (SECURITY.md S34)
    private partial void LogDigit(string callId, int leg);

    [LoggerMessage(LogLevel.Error, "Call {CallId} ends by a fault")]
    private partial void LogFault(string callId, Exception exception);
}
