using CloudPbx.CallControl.Calls.Snapshots;
using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Sip.Dialogs;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;

namespace CloudPbx.CallControl.Calls;

/// <summary>The calls of one tenant: begins them, finds them, and writes their records when they end.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed partial class CallBook(TenantRuntime tenant, WorkerServices worker)
{
    private readonly ILogger<CallBook> _logger = worker.Loggers.CreateLogger<CallBook>();
    private readonly Dictionary<CallId, Call> _calls = [];
    private readonly Dictionary<Call, Task> _running = [];

    /// <summary>What each call logs by, looked up once.</summary>
    public ILogger<Call> LoggerOfCalls { get; } = worker.Loggers.CreateLogger<Call>();

    /// <summary>Who is in which conference room.</summary>
    public ConferenceRooms Rooms { get; } = new();

    /// <summary>Number of calls that ring or talk.</summary>
    public int Count => _calls.Count;

    /// <summary>Begins a call with an authenticated phone's INVITE.</summary>
    public void Start(ServerTransaction transaction, ConfiguredDevice caller, EdgeFlow flow)
    {
        if (tenant.IsEnding)
        {
            tenant.RespondLater(transaction);
            return;
        }
        Run(new Call(tenant, worker, transaction, caller, flow));
    }

    /// <summary>Begins a call with a carrier's INVITE.</summary>
    public void Start(ServerTransaction transaction, CarrierCaller caller, EdgeFlow flow)
    {
        if (tenant.IsEnding)
            tenant.RespondLater(transaction);
        else
            Run(new Call(tenant, worker, transaction, caller, flow));
    }

    /// <summary>Goes on with the calls that an earlier owner of the tenant had.</summary>
    /// <param name="stored">What that owner wrote.</param>
    public void Restore(IEnumerable<StoredCall> stored)
    {
        foreach (StoredCall call in stored)
        {
            if (!CallSnapshotFormat.TryRead(call.Content.Span, out CallSnapshot? snapshot, out string? fault))
                LogUnreadable(call.Call.ToString(), fault);       // it stays where it is: a worker that can read it may come
            else if (snapshot.Ended is { } ended)
                Close(ended);
            else
                Restore(call.Call, snapshot);
        }
    }

    /// <summary>Whether all calls stand where another owner can enter them.</summary>
    public bool AreSteady => _calls.Values.All(call => call.IsSteady);

    /// <summary>Whether the next owner could go on with all calls as they stand.</summary>
    public bool Survive => _calls.Values.All(call => call.Survives);

    /// <summary>All calls.</summary>
    public IReadOnlyCollection<Call> All => _calls.Values;

    /// <summary>The identifiers of all calls.</summary>
    public IEnumerable<CallId> Ids => _calls.Keys;

    /// <summary>Forgets all calls without a word to anybody: the tenant lives elsewhere now.</summary>
    public void Abandon()
    {
        foreach ((CallId id, Call call) in _calls)
        {
            worker.Sessions.Remove(id);
            call.Telemetry.Left();
        }
        _calls.Clear();
        _outside.Clear();
        worker.SharedChannels.Left(tenant.Tenant);
        _running.Clear();
    }

    /// <summary>A call by its identifier.</summary>
    public Call? Find(CallId call) => _calls.GetValueOrDefault(call);

    /// <summary>The leg that a Replaces names (RFC 3891): an answered one of the party that asks, whose call it is to give away.</summary>
    /// <param name="replaces">The dialog.</param>
    /// <param name="by">Who asks: its extension's legs, or where it is a carrier its trunk's are its own.</param>
    /// <returns>Null where there is no such leg.</returns>
    public (Call Call, CallLeg Leg)? Find(Replaces replaces, CallLeg by)
    {
        foreach (Call call in _calls.Values)
            foreach (CallLeg leg in call.Legs)
                if (leg.IsOfSame(by) && leg.Dialog is { IsEnded: false } dialog && replaces.Names(dialog.Id))
                    return (call, leg);
        return null;
    }

    /// <summary>The call that a party makes and that nobody has answered yet, where a Replaces names it.</summary>
    public Call? FindCalling(Replaces replaces, CallLeg by) => _calls.Values.FirstOrDefault(call => call.IsCalledBy(by, replaces));

    /// <summary>Lets an INVITE take the place of a dialog (RFC 3891 §3): a party moves its call to another of its phones, or takes a call that rings at one.</summary>
    /// <param name="transaction">The INVITE, from an authenticated phone or a carrier.</param>
    /// <param name="newcomer">Makes the leg of who comes.</param>
    public void Replace(ServerTransaction transaction, Func<CallId, int, CallParty, CallLeg> newcomer)
    {
        string[] values = [.. transaction.Request.Headers.GetAll(SipHeaderName.Replaces)];
        if (values is not [{ } value] || Replaces.TryParse(value) is not { } replaces)
        {
            tenant.Respond(transaction, 400, "Bad Replaces");
            return;
        }
        foreach (Call call in _calls.Values)
            if (call.TryReplace(replaces, transaction, newcomer))
                return;
        tenant.Respond(transaction, 481);
    }

    /// <summary>All calls as they stand now.</summary>
    public IReadOnlyList<LiveCall> List() => [.. _calls.Values.Select(call => call.ToLiveCall()).OrderBy(call => call.StartedAt)];

    /// <summary>Ends a call.</summary>
    /// <returns>False where there is no such call.</returns>
    public bool Release(CallId call, ReleaseCause cause)
    {
        if (!_calls.TryGetValue(call, out Call? found))
            return false;
        found.Release(cause);
        return true;
    }

    /// <summary>Ends a call; completes when nobody rings for it any more.</summary>
    public Task ReleaseAsync(Call call, ReleaseCause cause)
    {
        call.Release(cause);
        return _running.GetValueOrDefault(call) ?? Task.CompletedTask;
    }

    /// <summary>Ends all calls but those for help (S36).</summary>
    public void EndAllButHelp(ReleaseCause cause)
    {
        foreach (Call call in _calls.Values)
            if (!call.OutsideUses.Any(use => use.IsEmergency))
                call.Release(cause);
    }

    /// <summary>Ends all calls; completes when their records are written and their phones have answered.</summary>
    public async Task EndAllAsync(ReleaseCause cause)
    {
        Task[] running = [.. _running.Values];
        Call[] calls = [.. _calls.Values];
        foreach (Call call in calls)
            call.Release(cause);
        await Task.WhenAll(running);
        await Task.WhenAll(calls.SelectMany(call => call.Goodbyes));
    }

    /// <summary>A phone registered from a flow: its legs on other flows follow it there.</summary>
    public void Follow(DeviceId device, Binding binding, EdgeFlow flow)
    {
        foreach (Call call in _calls.Values)
            foreach (CallLeg leg in call.Legs)
                if (leg.DeviceId == device && !leg.Flow.IsSame(flow) && IsSamePhone(leg.Binding, binding))
                {
                    leg.MoveTo(flow);
                    call.Changed();
                }
    }

    // The instance says it, else the Call-ID that a phone keeps for its registrations.
    internal static bool IsSamePhone(Binding? known, Binding now) =>
        known is not null && (known.InstanceId is { } instance ? instance == now.InstanceId : known.CallId == now.CallId);

    private void Run(Call call)
    {
        _calls.Add(call.Id, call);
        if (call.HasOutside)
            GoesOutside(call);
        worker.Sessions.Add(call.Id, tenant);
        tenant.Live.Changed(call.Id);
        if (call.Record.AnsweredAt is null)
            tenant.News.Started(call);
        tenant.Scheduler.Start(() => _running[call] = RunAsync(call));
    }

    private void Restore(CallId id, CallSnapshot snapshot)
    {
        try
        {
            Run(new Call(tenant, worker, id, snapshot));
            LogRestored(id.ToString(), snapshot.Phase, snapshot.IsHandedOver);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            LogNotRestored(id.ToString(), e);
            snapshot.Record!.Cause ??= ReleaseCause.Fault;
            Close(snapshot.Record.ToFact(worker.Time.GetUtcNow().UtcDateTime));
        }
    }

    private async Task RunAsync(Call call)
    {
        try
        {
            await call.RunAsync();
        }
        finally
        {
            // A call that was given away goes on elsewhere: what its tasks still do here means nothing.
            if (_calls.Remove(call.Id))
            {
                if (_outside.Remove(call))
                    TellShared();
                worker.Sessions.Remove(call.Id);
                _running.Remove(call);
                tenant.Live.Changed(call.Id);
                Close(call.ToFact(worker.Time.GetUtcNow().UtcDateTime));
            }
        }
    }

    /// <summary>The record of a call that ended. Its snapshot keeps it until the bus has it, so that it is not lost with this worker's disk; but not where thousands wait.</summary>
    private void Close(CallEnded fact)
    {
        tenant.Snapshots.Ended(fact);
        CallId call = fact.CallId;
        worker.Records.Append(fact, () => tenant.Scheduler.Post(() => tenant.Snapshots.Confirmed(call)));
    }

    [LoggerMessage(LogLevel.Warning, "The snapshot of call {CallId} is not read: {Fault}")]
    private partial void LogUnreadable(string callId, string fault);

    [LoggerMessage(LogLevel.Information, "Call {CallId} goes on here: {Phase}, handed over: {HandedOver}")]
    private partial void LogRestored(string callId, CallPhase phase, bool handedOver);

    [LoggerMessage(LogLevel.Error, "Call {CallId} cannot go on here, its record is closed")]
    private partial void LogNotRestored(string callId, Exception exception);
}
