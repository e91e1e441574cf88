using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>Numbers what must be in order within a tenant: the event log, call records.</summary>
public sealed class TenantSequence : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The last number that was given; 0 before the first.</summary>
    public long Last { get; set; }
}
