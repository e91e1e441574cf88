using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Grains;

namespace CloudPbx.CallControl.Carriers;

/// <summary>How a tenant's trunks stand now, for operators.</summary>
internal static class TrunkReport
{
    /// <summary>All trunks of the configuration in use, by name. Called on the tenant's thread.</summary>
    public static IReadOnlyList<TrunkStatus> Of(TenantRuntime tenant) =>
    [
        .. tenant.Configuration.Trunks.Values.OrderBy(trunk => trunk.Name, StringComparer.Ordinal).Select(trunk => new TrunkStatus
        {
            Name = trunk.Name,
            Kind = trunk.Kind,
            Enabled = trunk.Enabled,
            Calls = tenant.Calls.ChannelsOf(trunk.Id),
            MaxChannels = trunk.MaxChannels,
            Lines = LinesOf(tenant, trunk),
            Reach = tenant.Trunks.PingOf(trunk.Id)?.Reach ?? TrunkReach.Off,
            ReachSince = tenant.Trunks.PingOf(trunk.Id)?.Since,
            OptionsStatus = tenant.Trunks.PingOf(trunk.Id)?.LastStatus,
            OptionsReason = tenant.Trunks.PingOf(trunk.Id)?.LastReason,
            Rel100Learned = tenant.Trunks.LearnedOf(trunk)?.ToString(),
            WithoutTcp = tenant.Trunks.Flows.WithoutStream(trunk.Id)?.Why,
            TcpAgainAt = tenant.Trunks.Flows.WithoutStream(trunk.Id)?.Until.UtcDateTime,
            CallFailure = tenant.Trunks.FailureOf(trunk.Id) is { } failure ? new TrunkStatusFailure(failure.At, failure.Why.Status, failure.Why.Words) : null,
            CallsAgainSince = tenant.Trunks.FailureOf(trunk.Id)?.AgainSince,
        }),
    ];

    // By the accounts, since they have an order; a line that has just been taken out has none any more, and an IP trunk's credentials are no line.
    private static List<TrunkStatusLine> LinesOf(TenantRuntime tenant, TrunkSettings trunk) => trunk.IsCopy ? tenant.Trunks.SharedLinesOf(trunk) :
    [
        .. trunk.Accounts.Select(account => tenant.Trunks.FindLine(trunk.Id, account.User)).OfType<TrunkLine>().Select(line => new TrunkStatusLine
        {
            Account = line.Account.User,
            RegisteredSince = line.Status.RegisteredSince,
            ExpiresAt = line.Status.ExpiresAt,
            LastFailure = line.Status.FailedAt is { } at ? new TrunkStatusFailure(at, line.Status.FailureStatus ?? 0, line.Status.FailureReason ?? "") : null,
        }),
    ];
}
