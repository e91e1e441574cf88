using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A tenant.</summary>
public sealed class Tenant : IVersioned
{
    /// <summary>Seconds that an extension rings where neither it nor its tenant says otherwise.</summary>
    public const int DefaultRingSeconds = 30;

    /// <summary>Its identifier.</summary>
    public required TenantId Id { get; init; }

    /// <summary>Its name: 1 to 63 lower-case letters, digits and hyphens; unique on the platform.</summary>
    public required string Name { get; set; }

    /// <summary>The reseller whose tenant it is; <see langword="null"/>: the platform's own.</summary>
    public ResellerId? ResellerId { get; set; }

    /// <summary>Language of its prompts and pages (BCP 47).</summary>
    public required string Language { get; set; }

    /// <summary>Seconds that an extension rings which says nothing of its own.</summary>
    public int RingSeconds { get; set; } = DefaultRingSeconds;

    /// <summary>Whether requests that name no tenant are for this one. At most one tenant is the default.</summary>
    public bool IsDefault { get; set; }

    /// <summary>Rises by one with each change of the tenant's configuration.</summary>
    public long ConfigVersion { get; set; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
