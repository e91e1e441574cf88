using System.Collections.Frozen;
using System.Collections.Immutable;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.State.Directory;

/// <summary>Which tenant a SIP request is for: the read model that Api builds from SQL and every edge holds in memory. Immutable; replaced whole.</summary>
public sealed class DirectorySnapshot
{
    /// <summary>Makes a snapshot.</summary>
    /// <param name="version">Unix milliseconds at which the reading of the database began; a lower one never replaces a higher one.</param>
    /// <param name="domains">SIP domain → tenant.</param>
    /// <param name="users">User names that occur once on the whole platform → tenant, for phones that cannot send a domain.</param>
    /// <param name="defaultTenant">Whose the requests are that name nobody, or <see langword="null"/>.</param>
    public DirectorySnapshot(
        long version, IEnumerable<KeyValuePair<string, TenantId>> domains, IEnumerable<KeyValuePair<string, TenantId>> users, TenantId? defaultTenant)
    {
        Version = version;
        Domains = domains.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Users = users.ToFrozenDictionary(StringComparer.Ordinal);
        DefaultTenant = defaultTenant;
    }

    /// <summary>A directory that knows nobody: what an edge has before the first load. Its version is 0.</summary>
    public static DirectorySnapshot Empty { get; } = new(0, [], [], null);

    /// <summary>Unix milliseconds at which the reading of the database began.</summary>
    public long Version { get; }

    /// <summary>SIP domain → tenant; case does not matter, alternate lookup by characters is there.</summary>
    public FrozenDictionary<string, TenantId> Domains { get; }

    /// <summary>Platform-unique user name → tenant; case matters (RFC 3261 §19.1.4), alternate lookup by characters is there.</summary>
    public FrozenDictionary<string, TenantId> Users { get; }

    /// <summary>Whose the requests are that name nobody (an address as host), or <see langword="null"/>.</summary>
    public TenantId? DefaultTenant { get; }

    /// <summary>Carriers' addresses and networks; no two overlap. Only the request's source address counts, never what is written in it, and not for REGISTER and SUBSCRIBE.</summary>
    public ImmutableArray<CarrierSource> Carriers { get; init; } = [];

    /// <summary>Registered shared trunks, whose lines' Contact leads to the called number's tenant.</summary>
    public ImmutableArray<SharedLineSource> SharedLines { get; init; } = [];

    /// <summary>Tenants with devices that are offered SHA-256: their workers alone challenge (RFC 8760).</summary>
    public FrozenSet<TenantId> Sha256Tenants { get; init; } = FrozenSet<TenantId>.Empty;

    /// <summary>What is dialled for help: an edge lets such a call through whatever else it forbids (SECURITY.md S36). No tenant is in two entries.</summary>
    public ImmutableArray<EmergencyDialling> Emergency { get; init; } = [];

    /// <summary>Telephone number (E.164 with <c>+</c>) → tenant, for carriers whose address several tenants share; alternate lookup by characters is there.</summary>
    public FrozenDictionary<string, TenantId> Numbers { get; init; } = FrozenDictionary<string, TenantId>.Empty;
}
