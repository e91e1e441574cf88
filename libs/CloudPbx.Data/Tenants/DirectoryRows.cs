using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Tenants;

/// <summary>What the edges' directory is made of.</summary>
/// <param name="Domains">SIP domain → tenant.</param>
/// <param name="Users">User names that one tenant alone uses → tenant.</param>
/// <param name="DefaultTenant">The default tenant, if any.</param>
public sealed record DirectoryRows(IReadOnlyDictionary<string, TenantId> Domains, IReadOnlyDictionary<string, TenantId> Users, TenantId? DefaultTenant)
{
    /// <summary>Carriers' addresses; no two overlap.</summary>
    public IReadOnlyList<CarrierSource> Carriers { get; init; } = [];

    /// <summary>Registered shared trunks: calls to their lines' Contact are the called number's tenant's.</summary>
    public IReadOnlyList<SharedLineSource> SharedLines { get; init; } = [];

    /// <summary>Tenants with devices that are offered SHA-256: who challenges them has to know the device (RFC 8760).</summary>
    public IReadOnlyList<TenantId> Sha256Tenants { get; init; } = [];

    /// <summary>What is dialled for help; no tenant is in two entries.</summary>
    public IReadOnlyList<EmergencyDialling> Emergency { get; init; } = [];

    /// <summary>Telephone number (E.164) → tenant.</summary>
    public IReadOnlyDictionary<string, TenantId> Numbers { get; init; } = new Dictionary<string, TenantId>();
}
