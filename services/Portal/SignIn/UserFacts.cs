using System.Security.Claims;
using CloudPbx.Contracts.Identity;

namespace CloudPbx.Portal.SignIn;

/// <summary>What the portal knows of its user. It decides what is shown; what is allowed the API decides.</summary>
/// <param name="Name">What to call the user.</param>
/// <param name="Role">What the user may do.</param>
/// <param name="Tenant">An administrator's or user's tenant.</param>
/// <param name="Extension">A user's extension.</param>
/// <param name="Email">The mail address.</param>
/// <param name="Reseller">The reseller of a reseller's people.</param>
public sealed record UserFacts(string Name, UserRole Role, string? Tenant, string? Extension, string? Email = null, string? Reseller = null)
{
    /// <summary>Whether the user chooses among tenants.</summary>
    public bool HasManyTenants => Role is UserRole.Operator or UserRole.Reseller;

    /// <summary>Whether the user sets a tenant up.</summary>
    public bool IsAdministrator => Role is not UserRole.User;

    /// <summary>Reads a principal's claims. The mightiest role counts; an unknown one is the least.</summary>
    public static UserFacts Of(ClaimsPrincipal user) => new(
        user.FindFirst(TokenClaims.Name)?.Value ?? user.FindFirst(TokenClaims.Email)?.Value ?? "",
        user.FindAll(TokenClaims.Role).Select(claim => TokenClaims.ReadRole(claim.Value) ?? UserRole.User).DefaultIfEmpty(UserRole.User).Min(),
        user.FindFirst(TokenClaims.Tenant)?.Value,
        user.FindFirst(TokenClaims.Extension)?.Value,
        user.FindFirst(TokenClaims.Email)?.Value,
        user.FindFirst(TokenClaims.Reseller)?.Value);
}
