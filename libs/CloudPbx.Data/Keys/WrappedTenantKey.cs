using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Keys;

/// <summary>A tenant's data key as it lies in the database. Deleting the row shreds whatever was sealed with it.</summary>
public sealed class WrappedTenantKey : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>The key, wrapped by the platform key, which is not in the database.</summary>
    public required byte[] Wrapped { get; set; }

    /// <summary>The key as the keyring takes it.</summary>
    public TenantKey ToKey() => new(TenantId, Wrapped);
}
