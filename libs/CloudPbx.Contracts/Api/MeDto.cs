using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>Who makes a request.</summary>
public sealed record MeDto
{
    /// <summary>A user's identifier, or <c>client:</c> and a program's.</summary>
    public required string Subject { get; init; }

    /// <summary>The name to show.</summary>
    public required string Name { get; init; }

    /// <summary>What they may do.</summary>
    public required UserRole Role { get; init; }

    /// <summary>The only tenant, of administrators and users.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>Its name.</summary>
    public string? Tenant { get; init; }

    /// <summary>The reseller, of resellers.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>The number of a user's extension.</summary>
    public string? Extension { get; init; }

    /// <summary>Whether the token may change anything, or only read.</summary>
    public required bool MayWrite { get; init; }

    /// <summary>Whether a person's sign-in by password asks for a code as well; absent for programs.</summary>
    public bool? TwoFactor { get; init; }

    /// <summary>Where to find help with the platform, as its operator says.</summary>
    public string? Support { get; init; }

    /// <summary>Whether a person has a password; absent for programs.</summary>
    public bool? HasPassword { get; init; }
}
