using CloudPbx.Contracts.Identity;

namespace CloudPbx.Api.Access;

/// <summary>Who may call an endpoint: this role and those above it. Without it, operators alone.</summary>
/// <param name="Role">The least of them.</param>
internal sealed record LeastRole(UserRole Role);

/// <summary>Says on a route who may call it.</summary>
internal static class LeastRoleExtensions
{
    /// <summary>Lets a role and those above it in. What an endpoint says counts more than what its group says.</summary>
    public static TBuilder For<TBuilder>(this TBuilder builder, UserRole role)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new LeastRole(role));
}
