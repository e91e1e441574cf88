using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using OpenIddict.EntityFrameworkCore.Models;

namespace CloudPbx.Data.Clients;

/// <summary>A program that may ask for tokens: the portal, a reseller's program, a tenant's API key. Its secret is stored as a hash.</summary>
public sealed class GlobalClient : OpenIddictEntityFrameworkCoreApplication<Guid, GlobalAuthorization, GlobalToken>
{
    /// <summary>What its own tokens (client credentials) may do; <see langword="null"/> where it only acts for users.</summary>
    public UserRole? Role { get; set; }

    /// <summary>The only tenant of a tenant's key.</summary>
    public TenantId? TenantId { get; init; }

    /// <summary>The reseller of a reseller's program.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public DateTime CreatedAt { get; init; } = DateTime.UtcNow;
}
