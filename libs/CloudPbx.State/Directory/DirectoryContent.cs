using CloudPbx.Contracts.Ids;

namespace CloudPbx.State.Directory;

/// <summary>The directory as it is written in Redis.</summary>
internal sealed record DirectoryContent
{
    public required Dictionary<string, TenantId> Domains { get; init; }

    public required Dictionary<string, TenantId> Users { get; init; }

    public TenantId? DefaultTenant { get; init; }
}
