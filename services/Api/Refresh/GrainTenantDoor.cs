using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;
using CloudPbx.Grains;

namespace CloudPbx.Api.Refresh;

/// <summary>The door by Orleans: as a client of the workers' cluster, in all-in-one of the silo in the same process.</summary>
internal sealed partial class GrainTenantDoor(Func<IGrainFactory> grains, ILogger<GrainTenantDoor> logger) : ITenantDoor
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan s_checkDeadline = TimeSpan.FromSeconds(45);       // a carrier is asked meanwhile

    public async Task<bool> TryRefreshAsync(TenantId tenant, long version, CancellationToken cancel) => await TryAsync(
        tenant,
        async grain =>
        {
            await grain.RefreshAsync(version);
            return (bool?)true;
        },
        cancel) ?? false;

    public Task<IReadOnlyList<LiveCall>?> CallsAsync(TenantId tenant, CancellationToken cancel) =>
        TryAsync<IReadOnlyList<LiveCall>?>(tenant, async grain => await grain.CallsAsync(), cancel);

    public Task<LiveAnswer?> WatchAsync(TenantId tenant, long epoch, long sequence, CancellationToken cancel) =>
        TryAsync(tenant, async grain => (LiveAnswer?)new LiveAnswer(await grain.WatchAsync(epoch, sequence)), cancel);

    public Task<bool?> HangUpAsync(TenantId tenant, CallId call, CancellationToken cancel) =>
        TryAsync<bool?>(tenant, async grain => await grain.HangUpAsync(call), cancel);

    public Task<TransferAnswer?> TransferAsync(TenantId tenant, CallId call, CallParty? leaving, string number, CancellationToken cancel) =>
        TryAsync<TransferAnswer?>(tenant, async grain => await grain.TransferAsync(call, leaving, number), cancel);

    public Task<OriginateAnswer?> OriginateAsync(TenantId tenant, OriginateOrder order, CancellationToken cancel) =>
        TryAsync<OriginateAnswer?>(tenant, async grain => await grain.OriginateAsync(order), cancel);

    public Task<CallActionAnswer?> ActAsync(TenantId tenant, CallId call, CallAction action, CallParty? party, CancellationToken cancel) =>
        TryAsync<CallActionAnswer?>(tenant, async grain => await grain.ActAsync(call, action, party), cancel);

    public Task<OriginateAnswer?> SuperviseAsync(TenantId tenant, SuperviseOrder order, CancellationToken cancel) =>
        TryAsync<OriginateAnswer?>(tenant, async grain => await grain.SuperviseAsync(order), cancel);

    public Task<CallActionAnswer?> ChangeSupervisionAsync(TenantId tenant, CallId call, CallId supervision, SupervisionMode? mode, CancellationToken cancel) =>
        TryAsync<CallActionAnswer?>(tenant, async grain => await grain.ChangeSupervisionAsync(call, supervision, mode), cancel);

    public Task<DryRunAnswer?> TryRouteAsync(TenantId tenant, string from, string to, string? trunk, CancellationToken cancel) =>
        TryAsync(tenant, async grain => (DryRunAnswer?)new DryRunAnswer(await grain.TryRouteAsync(from, to, trunk)), cancel);

    public Task<IReadOnlyList<TrunkStatus>?> TrunksAsync(TenantId tenant, CancellationToken cancel) =>
        TryAsync<IReadOnlyList<TrunkStatus>?>(tenant, async grain => await grain.TrunksAsync(), cancel);

    public Task<TrunkCheck?> CheckTrunkAsync(TenantId tenant, string trunk, string? number, CancellationToken cancel) =>
        TryAsync(tenant, async grain => (TrunkCheck?)new TrunkCheck(await grain.CheckTrunkAsync(trunk, number)), cancel, s_checkDeadline);

    private async Task<T?> TryAsync<T>(TenantId tenant, Func<ITenantGrain, Task<T>> ask, CancellationToken cancel, TimeSpan? deadline = null)
    {
        try
        {
            return await ask(grains().GetGrain<ITenantGrain>(tenant.ToString())).WaitAsync(deadline ?? s_deadline, cancel);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogAway(tenant, fault.Message);
            return default;
        }
    }

    [LoggerMessage(LogLevel.Debug, "The runtime of tenant {TenantId} cannot be asked: {Fault}")]
    private partial void LogAway(TenantId tenantId, string fault);
}
