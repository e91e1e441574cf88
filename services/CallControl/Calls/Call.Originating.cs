using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Ladders;
using CloudPbx.CallControl.Routing;
using CloudPbx.CallControl.Telemetry;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.MediaControl;
using CloudPbx.Net.Timers;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>A call that a program makes for an extension: its phones ring first, then the destination is called as if the phone that answered had dialled it.</summary>
internal sealed partial class Call
{
    private const int OriginHops = 69;
    private static readonly TimeSpan s_failureTone = TimeSpan.FromSeconds(4);

    private readonly Origination? _origination;
    private readonly TimeSpan _ringTimeout;
    private readonly RoutePlan? _plan;                            // as it stood when the program asked; null for a supervisor's call
    private bool _seeks;                                          // the caller hears that the destination rings

    /// <summary>A call that a program asked for. It has at least one phone to ring at.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="worker">Where.</param>
    /// <param name="order">Who calls, and how its phones are rung.</param>
    /// <param name="shown">Whom those phones see calling: the destination.</param>
    /// <param name="plan">Where the call will go; null where that is not a matter of routing.</param>
    public Call(TenantRuntime tenant, WorkerServices worker, OriginateCall order, (string Number, string Name) shown, RoutePlan? plan)
    {
        _tenant = tenant;
        _worker = worker;
        _logger = tenant.Calls.LoggerOfCalls;
        Id = CallId.New();
        _number = NumberOf(Id);
        _door = OriginateAsync;
        Configuration = tenant.Configuration;
        _plan = plan;
        _supervision = order.Supervision;
        Record = new CallRecord
        {
            Tenant = tenant.Tenant,
            Call = Id,
            CallerNumber = order.From.Number,
            CallerName = order.From.DisplayName,
            CalledNumber = order.Called,
            StartedAt = Now,
        };
        Ladder = new CallLadder(tenant.Ladders, worker.Time, Record.StartedAt);
        Telemetry = new CallTelemetry(worker, Record);
        _origination = new Origination(this, tenant, new CallIdentity(shown.Number, shown.Name, OriginHops, order.AnswerAfterSeconds is { } seconds ? AutoAnswer.Hints(tenant.Domain, seconds) : []));
        _ringTimeout = order.From.RingTimeout;
        AttemptsFor(new RouteTarget.ToExtension(order.From.Number, OwnNumber: true, _ringTimeout), _origination);
        _caller = _legs[0];                                       // until one of the phones answers
    }

    /// <summary>A leg is the caller's from now on.</summary>
    public void TakeCaller(CallLeg leg)
    {
        _caller = leg;
        _legs.Remove(leg);
        _legs.Insert(0, leg);                                     // a snapshot has the caller's first
    }

    private async Task OriginateAsync()
    {
        Origination origination = _origination!;
        await PlaceAsync();
        int status = await origination.RingAsync(_attempts, _ringTimeout, _release.Task);
        LegDescription? agreed = origination.Winner is { } answered ? await AgreeWithPhoneAsync(answered) : null;
        if (agreed is { Accepted: false })
            status = agreed.Unavailable ? 503 : 488;
        if (status != 200 || _release.Task.IsCompletedSuccessfully)
        {
            ReleaseCause? cause = _release.Task.IsCompletedSuccessfully ? await _release.Task : agreed is { Accepted: false } ? ReleaseCause.Sip(status, agreed.Fault ?? "") : null;
            Record.ReleasedBy = cause is null ? CallParty.Caller : CallParty.System;
            Refuse(_release.Task.IsCompletedSuccessfully ? 487 : status, cause ?? ReleaseCause.NoAnswer);
            HangUpAll(cause ?? ReleaseCause.NoAnswer);
            return;
        }
        if (origination.Winner?.Binding is { } binding)
            _tenant.Registrar.Learn(binding, agreed!.Encrypted);
        if (_supervision is { } supervision)
            await BeginSupervisionAsync(supervision);
        else
            await CallAsOriginatorAsync();
        if (Record.AnsweredAt is null && Record.Status == 0)
            Record.Status = 487;                                  // it ended before the destination said anything
    }

    /// <summary>A conference, or a call that is supervised, is on one media node: this call has to begin there.</summary>
    private async Task PlaceAsync()
    {
        if (_supervision is { } supervision)
            await Media.PlaceBesideAsync(Id, supervision.Call, _over.Token);
        else if (_plan?.Target is RouteTarget.ToConference conference)
            await Media.PlaceAsync(Id, conference.Room.Id, _over.Token);
    }

    private async Task CallAsOriginatorAsync()
    {
        // What is in use may be otherwise than when the program asked.
        string caller = Record.CallerNumber;
        RoutePlan plan = _tenant.News.Watch(Router.Route(caller, Record.CalledNumber, _tenant.Configuration, _tenant.Calls.Conditions(caller)), caller);
        string steps = string.Join(' ', plan.Steps.Select(step => $"{step.Rule}={step.Value}"));
        LogRouted(Id.ToString(), steps);
        Telemetry.Routed(steps);
        Record.Decide(plan.Steps);
        switch (plan.Target)
        {
            case RouteTarget.ToConference conference:
                await RecordIfAskedAsync();
                AnsweredBy(conference.Room.Number);
                _tenant.Scheduler.Start(() => EnterAsync(conference.Room));
                break;
            case RouteTarget.ToEcho:
                await RecordIfAskedAsync();
                await Media.EchoAsync(_caller.Media, _over.Token);
                AnsweredBy(Record.CalledNumber);
                break;
            default:
                _seeks = true;
                await Media.PlayAsync(_caller.Media, Tone.Ringback, _over.Token);
                Transfer search = _transfer = new Transfer(this, _tenant, null, _caller, new CallIdentity(caller, Record.CallerName, OriginHops, []), null);
                _tenant.Scheduler.Start(() => RunTransferAsync(search.RunAsync(() => Task.FromResult(plan.Target), caller)));
                break;
        }
        await TalkAsync();
    }

    /// <summary>The destination of a program's call answered, or nobody did: then the caller hears it, and the call ends.</summary>
    private async Task EndSearchAsync(Transfer search)
    {
        if (search.Arrived is { } arrived)
        {
            _seeks = false;
            _callee = arrived;
            AnsweredBy(arrived.Extension);
            await RecordIfAskedAsync();
            await Media.BridgeAsync(_caller.Media, arrived.Media, CancellationToken.None);
            await TellOfRecordingAsync();
            return;
        }
        if (search.Room is { } room)
        {
            _seeks = false;
            await RecordIfAskedAsync();
            await Media.StopAsync(_caller.Media, CancellationToken.None);      // the ringing
            AnsweredBy(room.Number);
            _tenant.Scheduler.Start(() => EnterAsync(room));
            return;
        }
        int status = Carriers.CarrierAnswer.ForCaller(search.Status is 0 ? 503 : search.Status);
        Record.ReleasedBy = CallParty.Callee;
        Refuse(status, search.Cause);
        if (Configuration.Announcements && SoundOf(status) is { } sound)
        {
            await Media.StopAsync(_caller.Media, CancellationToken.None);
            await LetHearAsync(_caller, sound);
        }
        else
        {
            await Media.PlayAsync(_caller.Media, FailureTone.Of(status, search.Cause?.Q850), CancellationToken.None);
            Task heard = _tenant.DelayAsync(s_failureTone, out TimerHandle timer);
            await _tenant.Scheduler.FirstOf([heard, _release.Task, .. EndsOf(_caller)]);
            timer.Cancel();
        }
        Release(search.Cause ?? ReleaseCause.Sip(status, "Not reached"));
    }

    /// <summary>The destination of a program's call is there.</summary>
    private void AnsweredBy(string number)
    {
        Record.Status = 200;
        Record.AnsweredAt = Now;
        Record.AnsweredBy = number;
        Telemetry.Answered(200);
        _tenant.News.Answered(this);
        Changed();
    }
}
