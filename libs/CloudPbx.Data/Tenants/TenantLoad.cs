using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Data.Tenants;

/// <summary>What came of reading a tenant's configuration.</summary>
/// <param name="Outcome">Whether it was read.</param>
/// <param name="Configuration">The configuration where it was.</param>
public readonly record struct TenantLoad(TenantLoadOutcome Outcome, TenantConfiguration? Configuration)
{
    /// <summary>Whether the configuration was read.</summary>
    [MemberNotNullWhen(true, nameof(Configuration))]
    public bool IsLoaded => Outcome == TenantLoadOutcome.Loaded;
}

/// <summary>Whether a tenant's configuration was read.</summary>
public enum TenantLoadOutcome
{
    /// <summary>It was.</summary>
    Loaded,

    /// <summary>There is no such tenant (any more).</summary>
    NoSuchTenant,

    /// <summary>The database is away: go on with the last configuration (<c>TenantSnapshotStore</c>).</summary>
    DatabaseAway,
}
