namespace CloudPbx.State.Tenants;

/// <summary>A tenant's configuration as it was last read from SQL.</summary>
/// <param name="Version">The tenant's <c>config_version</c>.</param>
/// <param name="Content">What <c>TenantConfiguration.ToBytes</c> wrote; secrets inside are sealed.</param>
public sealed record TenantSnapshot(long Version, ReadOnlyMemory<byte> Content);
