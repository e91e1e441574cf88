using CloudPbx.Hosting.Web.Outbound;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting.Web.Providers;

/// <summary>Adds the way to tenants' own OpenID Connect providers.</summary>
public static class ProviderExtensions
{
    /// <summary>Adds <see cref="ProviderConnection"/>; adding it twice, as all-in-one does, adds one.</summary>
    /// <param name="services">The services.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddSignInProviders(this IServiceCollection services)
    {
        services.AddOptionsWithValidateOnStart<ProviderOptions, ProviderOptionsValidator>().BindConfiguration("SignInProviders");
        services.TryAddSingleton<ITargetNames, SystemNames>();
        services.TryAddSingleton(provider => new ProviderConnection(provider.GetRequiredService<ITargetNames>(), provider.GetRequiredService<IOptions<ProviderOptions>>()));
        return services;
    }
}
