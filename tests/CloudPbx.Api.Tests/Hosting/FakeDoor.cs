using System.Collections.Concurrent;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
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
