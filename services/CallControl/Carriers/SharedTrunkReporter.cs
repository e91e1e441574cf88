using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.State.SharedTrunks;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// Tells by Redis once a second what this worker's tenants make of shared trunks and how the lines stand that are kept here, and hears there the same of other workers: their channels count
/// against the trunk's <c>maxChannels</c>, and its owner sees the sum; tenants call by the edge by which the lines are registered.
/// </summary>
internal sealed partial class SharedTrunkReporter(
    SharedTrunkStore store, TenantHost tenants, WorkerServices worker, WorkerIdentity identity, ILogger<SharedTrunkReporter> logger) : BackgroundService
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_life = TimeSpan.FromSeconds(5);            // a dead worker's channels are free then

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(500); // with a tenant that has much to do: what is known of it goes on to count
    private const int LooksAtAll = 5;                                             // one of so many; the others look at tenants that use a channel, or did

    private readonly Dictionary<TenantId, IReadOnlyList<SharedTrunkUse>> _known = [];
    private DateTimeOffset _heardAt;
    private int _looks;
    private bool _told;

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_told)
            await store.WithdrawAsync(identity.Id, cancellationToken);
    }

    /// <summary>Tells and hears once.</summary>
    public async Task ReportAsync(CancellationToken cancel)
    {
        await LookAsync(atAll: _looks++ % LooksAtAll == 0, cancel);
        SharedTrunkUse[] uses = [.. _known.Values.SelectMany(some => some)];
        SharedTrunkLines[] kept = await LookAtKeptAsync(cancel);
        bool tells = uses.Length + kept.Length > 0;
        if (tells || _told)
        {
            await store.TellAsync(new SharedTrunkReport(identity.Id, [.. uses.GroupBy(use => use.Trunk).Select(Add)]) { Kept = kept }, s_life, cancel);
            _told = tells;
        }
        HashSet<TrunkId> wanted = [.. tenants.All.SelectMany(tenant => tenant.Configuration.SharedTrunks).Select(trunk => trunk.LinesOf)];
        if (wanted.Count == 0)
            return;
        if (await store.ListAsync(cancel) is { } reports)
        {
            _heardAt = worker.Time.GetUtcNow();
            worker.SharedLines.Hear(reports.SelectMany(report => report.Kept), wanted);
            worker.SharedChannels.Hear(reports.Where(report => report.WorkerId != identity.Id).SelectMany(report => report.Trunks)
                .GroupBy(use => use.Trunk).ToDictionary(group => group.Key, group => group.Sum(use => use.Channels)));
        }
        else if (worker.Time.GetUtcNow() - _heardAt > s_life)
        {
            worker.SharedChannels.Hear(new Dictionary<TrunkId, int>());          // Redis is away: better one call too many than none
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(s_interval, worker.Time);
        try
        {
            do
            {
                try
                {
                    await ReportAsync(stoppingToken);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    LogFault(fault);                              // calls go on, and the next second may be better
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The worker stops.
        }
    }

    private async Task LookAsync(bool atAll, CancellationToken cancel)
    {
        Dictionary<TenantId, TenantRuntime> sharing = tenants.All.Where(tenant => tenant.Configuration.SharedTrunks.Length > 0).ToDictionary(tenant => tenant.Tenant);
        foreach (TenantId gone in _known.Keys.Where(known => !sharing.ContainsKey(known)).ToArray())
            _known.Remove(gone);
        HashSet<TenantId> users = [.. worker.SharedChannels.Users(), .. _known.Where(known => known.Value.Any(use => use.Channels > 0)).Select(known => known.Key)];
        var looks = sharing.Where(tenant => atAll || users.Contains(tenant.Key)).ToDictionary(tenant => tenant.Key, tenant => tenant.Value.Scheduler.RunAsync(() => UsesOf(tenant.Value)));
        await Task.WhenAny(Task.WhenAll(looks.Values), Task.Delay(s_patience, worker.Time, cancel));
        foreach ((TenantId tenant, Task<IReadOnlyList<SharedTrunkUse>> look) in looks)
        {
            if (look.IsCompletedSuccessfully)
                _known[tenant] = await look;
        }
    }

    private async Task<SharedTrunkLines[]> LookAtKeptAsync(CancellationToken cancel)
    {
        Task<SharedTrunkLines?>[] looks = [.. tenants.All.Where(keeper => keeper.Configuration.KeptTrunk is not null).Select(keeper => keeper.Scheduler.RunAsync(() => KeptBy(keeper)))];
        if (looks.Length > 0)
            await Task.WhenAny(Task.WhenAll(looks), Task.Delay(s_patience, worker.Time, cancel));
        return [.. looks.Where(look => look.IsCompletedSuccessfully).Select(look => look.Result).OfType<SharedTrunkLines>()];
    }

    /// <summary>How the lines stand that a keeper keeps; null where it keeps none. Called on its thread.</summary>
    internal static SharedTrunkLines? KeptBy(TenantRuntime keeper)
    {
        if (keeper.Configuration.KeptTrunk is not { Enabled: true } trunk)
            return null;
        TrunkLine[] lines = [.. trunk.Accounts.Select(account => keeper.Trunks.FindLine(trunk.Id, account.User)).OfType<TrunkLine>()];
        return new SharedTrunkLines(trunk.Id, keeper.Epoch)
        {
            EdgeId = lines.FirstOrDefault(line => line.IsRegistered)?.EdgeId,
            Servers = [.. lines.SelectMany(line => line.Servers).Select(address => address.ToString()).Distinct()],
            Lines =
            [
                .. lines.Select(line => new SharedTrunkLine(line.Account.User)
                {
                    RegisteredSince = line.Status.RegisteredSince,
                    ExpiresAt = line.Status.ExpiresAt,
                    FailedAt = line.Status.FailedAt,
                    FailureStatus = line.Status.FailureStatus ?? 0,
                    FailureReason = line.Status.FailureReason,
                    Realm = line.Credentials.Realm,
                }),
            ],
        };
    }

    /// <summary>What one tenant makes of its shared trunks. Called on its thread.</summary>
    internal static IReadOnlyList<SharedTrunkUse> UsesOf(TenantRuntime tenant)
    {
        tenant.Calls.TellShared();
        return
        [
            .. tenant.Configuration.SharedTrunks.Where(trunk => trunk.Enabled).Select(trunk =>
            {
                PingStatus? ping = tenant.Trunks.PingOf(trunk.Id);
                CallFailure? call = tenant.Trunks.FailureOf(trunk.Id);
                bool isDown = ping is { Reach: TrunkReach.Down };
                return new SharedTrunkUse(trunk.Shared!.Value, tenant.Calls.ChannelsOf(trunk.Id))
                {
                    Tenants = 1,
                    Up = ping is { Reach: TrunkReach.Up } ? 1 : 0,
                    Down = isDown ? 1 : 0,
                    FailedAt = isDown ? ping!.Since : null,
                    FailureStatus = isDown ? ping!.LastStatus ?? 0 : 0,
                    FailureReason = isDown ? ping!.LastReason : null,
                    CallFailedAt = call?.At,
                    CallFailureStatus = call?.Why.Status ?? 0,
                    CallFailureReason = call?.Why.Words,
                    CallsAgainSince = call?.AgainSince,
                };
            }),
        ];
    }

    [LoggerMessage(LogLevel.Error, "What is in use of shared trunks could not be told")]
    private partial void LogFault(Exception fault);

    private static SharedTrunkUse Add(IGrouping<TrunkId, SharedTrunkUse> uses)
    {
        SharedTrunkUse? failed = uses.Where(use => use.FailedAt is not null).MaxBy(use => use.FailedAt);
        SharedTrunkUse? call = uses.Where(use => use.CallFailedAt is not null).MaxBy(use => use.CallFailedAt);
        return new SharedTrunkUse(uses.Key, uses.Sum(use => use.Channels))
        {
            Tenants = uses.Sum(use => use.Tenants),
            Up = uses.Sum(use => use.Up),
            Down = uses.Sum(use => use.Down),
            FailedAt = failed?.FailedAt,
            FailureStatus = failed?.FailureStatus ?? 0,
            FailureReason = failed?.FailureReason,
            CallFailedAt = call?.CallFailedAt,
            CallFailureStatus = call?.CallFailureStatus ?? 0,
            CallFailureReason = call?.CallFailureReason,
            CallsAgainSince = call?.CallsAgainSince,
        };
    }
}
