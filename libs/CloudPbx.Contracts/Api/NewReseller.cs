namespace CloudPbx.Contracts.Api;

/// <summary>A reseller to create or to change.</summary>
public sealed record NewReseller
{
    /// <summary>1 to 63 lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>How it is called to people; the name if absent.</summary>
    public string? DisplayName { get; init; }

    /// <summary>How pages look for its people; as the platform's if absent.</summary>
    public BrandingDto? Branding { get; init; }
}
