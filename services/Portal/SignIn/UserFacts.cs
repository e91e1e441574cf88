using System.Security.Claims;

namespace CloudPbx.Portal.SignIn;

/// <summary>What the portal knows of its user. It decides what is shown; what is allowed the API decides.</summary>
/// <param name="Name">What to call the user.</param>
/// <param name="Role">What the user may do.</param>
/// <param name="Tenant">An administrator's or user's tenant.</param>
/// <param name="Extension">A user's extension.</param>
public sealed record UserFacts(string Name, UserRole Role, string? Tenant, string? Extension)
{
    /// <summary>Whether the user chooses among tenants.</summary>
    public bool HasManyTenants => Role is UserRole.Operator or UserRole.Reseller;

    /// <summary>Reads a principal's claims.</summary>
    public static UserFacts Of(ClaimsPrincipal user) => new(
        user.FindFirst("name")?.Value ?? user.FindFirst("email")?.Value ?? "",
        user.FindAll("role").Select(claim => Enum.TryParse(claim.Value, ignoreCase: true, out UserRole role) ? role : UserRole.User).DefaultIfEmpty(UserRole.User).Max(),
        user.FindFirst("tenant")?.Value,
        user.FindFirst("extension")?.Value);
}

/// <summary>What a user may do, the least first.</summary>
public enum UserRole
{
    /// <summary>Somebody with an extension.</summary>
    User,

    /// <summary>Sets up one tenant.</summary>
    Administrator,

    /// <summary>Sets up the tenants it has sold.</summary>
    Reseller,

    /// <summary>Runs the platform.</summary>
    Operator,
}
