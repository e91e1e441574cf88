using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPbx.Hosting.Web.Authentication;

/// <summary>Registration of the operator token.</summary>
public static class OperatorTokenExtensions
{
    /// <summary>Adds the scheme <see cref="OperatorToken.Scheme"/>. Sets no default scheme: in all-in-one other modules have theirs.</summary>
    /// <param name="services">The host's services.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddOperatorToken(this IServiceCollection services)
    {
        if (services.Any(s => s.ServiceType == typeof(OperatorToken)))
            return services;
        services.AddOptionsWithValidateOnStart<OperatorTokenOptions, OperatorTokenOptionsValidator>().BindConfiguration("OperatorToken");
        services.TryAddSingleton<OperatorToken>();
        // By its own registration and not by AddAuthentication("…"), which would make it the default.
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, OperatorTokenHandler>(OperatorToken.Scheme, null);
        return services;
    }
}
