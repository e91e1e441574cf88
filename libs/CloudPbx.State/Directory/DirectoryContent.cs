using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.State.Directory;

/// <summary>The directory as it is written in Redis.</summary>
internal sealed record DirectoryContent
{
    public required Dictionary<string, TenantId> Domains { get; init; }

    public required Dictionary<string, TenantId> Users { get; init; }

    public TenantId? DefaultTenant { get; init; }

    // Not required: an older Api publishes none. Set, not init: the generated reader writes null over the default of an init-only member.
    public IReadOnlyList<CarrierSource> Carriers { get; set; } = [];

    public IReadOnlyList<SharedLineSource> SharedLines { get; set; } = [];

    public IReadOnlyList<TenantId> Sha256Tenants { get; set; } = [];

    public IReadOnlyList<EmergencyDialling> Emergency { get; set; } = [];

    public Dictionary<string, TenantId> Numbers { get; set; } = [];
}
