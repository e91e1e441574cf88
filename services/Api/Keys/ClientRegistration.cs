using CloudPbx.Data;
using CloudPbx.Data.Clients;

namespace CloudPbx.Api.Keys;

/// <summary>OpenIddict's stores, by which keys are made as Identity reads them: it decides how a secret is hashed.</summary>
internal static class ClientRegistration
{
    /// <summary>Adds them. Running it twice, as all-in-one's modules do, does no harm.</summary>
    public static IServiceCollection AddClientRegistration(this IServiceCollection services)
    {
        services.AddOpenIddict().AddCore(core => core.UseEntityFrameworkCore().UseDbContext<PlatformDbContext>()
            .ReplaceDefaultEntities<GlobalClient, GlobalAuthorization, GlobalScope, GlobalToken, Guid>());
        return services;
    }
}
