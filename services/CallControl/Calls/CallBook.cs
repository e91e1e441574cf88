using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Tenants;
using CloudPbx.Grains;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transactions;
using CloudPbx.State.Bindings;

namespace CloudPbx.CallControl.Calls;

/// <summary>The calls of one tenant: begins them, finds them, and writes their records when they end.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class CallBook(TenantRuntime tenant, WorkerServices worker)
{
    private readonly Dictionary<CallId, Call> _calls = [];
    private readonly Dictionary<Call, Task> _running = [];

    /// <summary>Number of calls that ring or talk.</summary>
    public int Count => _calls.Count;

    /// <summary>Begins a call with an authenticated phone's INVITE.</summary>
    public void Start(ServerTransaction transaction, ConfiguredDevice caller, EdgeFlow flow)
    {
        if (tenant.IsEnding)
        {
            tenant.Respond(transaction, 503, null, (SipHeaderName.RetryAfter, "2"));
            return;
        }
        Call call = new(tenant, worker, transaction, caller, flow);
        _calls.Add(call.Id, call);
        worker.Sessions.Add(call.Id, tenant);
        tenant.Scheduler.Start(() => _running[call] = RunAsync(call));
    }

    /// <summary>A call by its identifier.</summary>
    public Call? Find(CallId call) => _calls.GetValueOrDefault(call);

    /// <summary>All calls as they stand now.</summary>
    public IReadOnlyList<LiveCall> List() => [.. _calls.Values.Select(call => call.Record.ToLiveCall()).OrderBy(call => call.StartedAt)];

    /// <summary>Ends a call.</summary>
    /// <returns>False where there is no such call.</returns>
    public bool Release(CallId call, ReleaseCause cause)
    {
        if (!_calls.TryGetValue(call, out Call? found))
            return false;
        found.Release(cause);
        return true;
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
                if (leg.Device.Id == device && !leg.Flow.IsSame(flow) && IsSamePhone(leg.Binding, binding))
                    leg.MoveTo(flow);
    }

    // The instance says it, else the Call-ID that a phone keeps for its registrations.
    private static bool IsSamePhone(Binding? known, Binding now) =>
        known is not null && (known.InstanceId is { } instance ? instance == now.InstanceId : known.CallId == now.CallId);

    private async Task RunAsync(Call call)
    {
        try
        {
            await call.RunAsync();
        }
        finally
        {
            worker.Sessions.Remove(call.Id);
            _calls.Remove(call.Id);
            _running.Remove(call);
            worker.Records.Append(call.Record.ToFact(worker.Time.GetUtcNow().UtcDateTime));
        }
    }
}
