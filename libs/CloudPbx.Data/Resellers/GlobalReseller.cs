using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Resellers;

/// <summary>A reseller: has tenants, which <c>Tenant.ResellerId</c> says. It is the platform's row; <see cref="PlatformDbContext"/> alone sees it.</summary>
public sealed class GlobalReseller : IVersioned
{
    /// <summary>Its identifier.</summary>
    public required ResellerId Id { get; init; }

    /// <summary>Its name: 1 to 63 lower-case letters, digits and hyphens; unique on the platform.</summary>
    public required string Name { get; set; }

    /// <summary>How it is called to people.</summary>
    public required string DisplayName { get; set; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
