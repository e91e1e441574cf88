using System.Collections.Concurrent;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;
using CloudPbx.Grains.Live;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>Stands for the tenants' runtimes.</summary>
internal sealed class FakeDoor : ITenantDoor
{
    public ConcurrentQueue<(TenantId Tenant, long Version)> Told { get; } = new();

    public ConcurrentDictionary<TenantId, List<LiveCall>> Calls { get; } = new();

    public ConcurrentDictionary<TenantId, int> FailuresToCome { get; } = new();

    public ConcurrentDictionary<TenantId, bool> Away { get; } = new();

    public Task<bool> TryRefreshAsync(TenantId tenant, long version, CancellationToken cancel)
    {
        if (FailuresToCome.AddOrUpdate(tenant, -1, (_, left) => left - 1) >= 0)
            return Task.FromResult(false);
        Told.Enqueue((tenant, version));
        return Task.FromResult(true);
    }

    public Task<IReadOnlyList<LiveCall>?> CallsAsync(TenantId tenant, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<LiveCall>?>(Away.ContainsKey(tenant) ? null : Calls.GetValueOrDefault(tenant) ?? []);

    /// <summary>All of a tenant's live state as it stands.</summary>
    public ConcurrentDictionary<TenantId, LiveChange> Live { get; } = new();

    public Task<LiveAnswer?> WatchAsync(TenantId tenant, long epoch, long sequence, CancellationToken cancel) =>
        Task.FromResult(Away.ContainsKey(tenant) || !Live.TryGetValue(tenant, out LiveChange? live) ? null
            : new LiveAnswer(live.Epoch == epoch && live.Sequence == sequence ? null : live));

    public Task<bool?> HangUpAsync(TenantId tenant, CallId call, CancellationToken cancel) =>
        Task.FromResult<bool?>(Away.ContainsKey(tenant) ? null : Calls.GetValueOrDefault(tenant)?.RemoveAll(c => c.CallId == call) > 0);

    public ConcurrentQueue<(CallId Call, CallParty? Leaving, string Number)> Transfers { get; } = new();

    public TransferAnswer NextTransfer { get; set; }

    public Task<TransferAnswer?> TransferAsync(TenantId tenant, CallId call, CallParty? leaving, string number, CancellationToken cancel)
    {
        if (Away.ContainsKey(tenant))
            return Task.FromResult<TransferAnswer?>(null);
        if (Calls.GetValueOrDefault(tenant)?.Exists(live => live.CallId == call) != true)
            return Task.FromResult<TransferAnswer?>(TransferAnswer.NoCall);
        Transfers.Enqueue((call, leaving, number));
        return Task.FromResult<TransferAnswer?>(NextTransfer);
    }

    public ConcurrentQueue<(TenantId Tenant, OriginateOrder Order)> Originated { get; } = new();

    public OriginateAnswer? NextOriginate { get; set; }

    public Task<OriginateAnswer?> OriginateAsync(TenantId tenant, OriginateOrder order, CancellationToken cancel)
    {
        if (Away.ContainsKey(tenant))
            return Task.FromResult<OriginateAnswer?>(null);
        Originated.Enqueue((tenant, order));
        return Task.FromResult<OriginateAnswer?>(NextOriginate ?? New(tenant, order.From, order.To));
    }

    public ConcurrentQueue<(CallId Call, CallAction Action, CallParty? Party)> Acts { get; } = new();

    public CallActionAnswer NextAct { get; set; }

    public Task<CallActionAnswer?> ActAsync(TenantId tenant, CallId call, CallAction action, CallParty? party, CancellationToken cancel)
    {
        if (Away.ContainsKey(tenant))
            return Task.FromResult<CallActionAnswer?>(null);
        if (!Has(tenant, call))
            return Task.FromResult<CallActionAnswer?>(CallActionAnswer.NoCall);
        Acts.Enqueue((call, action, party));
        return Task.FromResult<CallActionAnswer?>(NextAct);
    }

    public ConcurrentQueue<SuperviseOrder> Supervised { get; } = new();

    public Task<OriginateAnswer?> SuperviseAsync(TenantId tenant, SuperviseOrder order, CancellationToken cancel)
    {
        if (Away.ContainsKey(tenant))
            return Task.FromResult<OriginateAnswer?>(null);
        if (!Has(tenant, order.Call))
            return Task.FromResult<OriginateAnswer?>(new OriginateAnswer { Fault = OriginateFault.NoCall });
        Supervised.Enqueue(order);
        return Task.FromResult<OriginateAnswer?>(NextOriginate ?? New(tenant, order.Supervisor, "supervision", order.Call, order.Mode));
    }

    public Task<CallActionAnswer?> ChangeSupervisionAsync(TenantId tenant, CallId call, CallId supervision, SupervisionMode? mode, CancellationToken cancel)
    {
        if (Away.ContainsKey(tenant))
            return Task.FromResult<CallActionAnswer?>(null);
        if (Calls.GetValueOrDefault(tenant)?.FindIndex(live => live.CallId == supervision && live.Supervises == call) is not { } index || index < 0)
            return Task.FromResult<CallActionAnswer?>(CallActionAnswer.NoCall);
        if (mode is null)
            Calls[tenant].RemoveAt(index);
        else
            Calls[tenant][index] = Calls[tenant][index] with { Supervision = mode };
        return Task.FromResult<CallActionAnswer?>(CallActionAnswer.Done);
    }

    private bool Has(TenantId tenant, CallId call) => Calls.GetValueOrDefault(tenant)?.Exists(live => live.CallId == call) == true;

    private OriginateAnswer New(TenantId tenant, string from, string to, CallId? supervises = null, SupervisionMode? mode = null)
    {
        LiveCall call = new() { CallId = CallId.New(), CallerNumber = from, CalledNumber = to, StartedAt = DateTime.UtcNow, Supervises = supervises, Supervision = mode };
        Calls.GetOrAdd(tenant, _ => []).Add(call);
        return new OriginateAnswer { Call = call };
    }

    public ConcurrentQueue<(TenantId Tenant, string From, string To, string? Trunk)> Asked { get; } = new();

    public ConcurrentDictionary<TenantId, List<TrunkStatus>> Trunks { get; } = new();

    public Task<IReadOnlyList<TrunkStatus>?> TrunksAsync(TenantId tenant, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<TrunkStatus>?>(Away.ContainsKey(tenant) ? null : Trunks.GetValueOrDefault(tenant) ?? []);

    public ConcurrentQueue<(TenantId Tenant, string Trunk, string? Number)> Checked { get; } = new();

    public TrunkCheckAnswer? NextCheck { get; set; }

    public Task<TrunkCheck?> CheckTrunkAsync(TenantId tenant, string trunk, string? number, CancellationToken cancel)
    {
        Checked.Enqueue((tenant, trunk, number));
        return Task.FromResult(Away.ContainsKey(tenant) ? null : new TrunkCheck(NextCheck));
    }

    public RouteAnswer? NextAnswer { get; set; }

    public Task<DryRunAnswer?> TryRouteAsync(TenantId tenant, string from, string to, string? trunk, CancellationToken cancel)
    {
        Asked.Enqueue((tenant, from, to, trunk));
        return Task.FromResult(Away.ContainsKey(tenant) ? null : new DryRunAnswer(NextAnswer));
    }
}
