using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A reseller.</summary>
public sealed record ResellerDto
{
    /// <summary>Its identifier.</summary>
    public required ResellerId Id { get; init; }

    /// <summary>Its name: lower-case letters, digits, hyphens; unique on the platform.</summary>
    public required string Name { get; init; }

    /// <summary>How it is called to people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>How pages look for its people.</summary>
    public required BrandingDto Branding { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
