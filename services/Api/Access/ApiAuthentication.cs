using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Authentication;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPbx.Api.Access;

/// <summary>Who is let in: holders of an access token of Identity, or of the operator token of this machine.</summary>
internal static class ApiAuthentication
{
    /// <summary>Name of the authorization policy.</summary>
    public const string Policy = "Api";

    /// <summary>The scheme that chooses between the two.</summary>
    public const string Scheme = "ApiBearer";

    /// <summary>Adds schemes and policy. Sets no default scheme: in all-in-one other modules have theirs.</summary>
    public static IServiceCollection AddApiAuthentication(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOperatorToken();
        services.TryAddSingleton(PublicUrl.Of(configuration));
        services.AddSingleton<VerificationKeys>();
        services.AddSingleton<TokenStatus>();
        services.AddSingleton<SignOuts>();
        services.AddSingleton<RequestLimit>();
        services.AddScoped<Caller>();
        services.AddAuthentication()
            .AddScheme<AuthenticationSchemeOptions, AccessTokenHandler>(AccessTokenHandler.SchemeName, null)
            .AddPolicyScheme(Scheme, null, choice => choice.ForwardDefaultSelector = static http =>
                http.Request.Headers.Authorization.ToString().Contains('.', StringComparison.Ordinal) ? AccessTokenHandler.SchemeName : OperatorToken.Scheme);       // only a JWT has dots
        services.AddAuthorizationBuilder().AddPolicy(Policy, policy =>
        {
            policy.AuthenticationSchemes.Add(Scheme);
            policy.RequireAuthenticatedUser();
        });
        return services;
    }
}
