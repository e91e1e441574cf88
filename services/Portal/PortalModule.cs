using CloudPbx.Hosting.Memory;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Brands;
using CloudPbx.Portal.Circuits;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Components.Pages.Calls;
using CloudPbx.Portal.Components.Pages.Prompts;
using CloudPbx.Portal.Components.Pages.Recordings;
using CloudPbx.Portal.Components.Pages.Settings;
using CloudPbx.Portal.Languages;
using CloudPbx.Portal.Live;
using CloudPbx.Portal.Phones;
using CloudPbx.Portal.SignIn;
using CloudPbx.Portal.SignUp;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using MudBlazor;
using MudBlazor.Services;

namespace CloudPbx.Portal;

/// <summary>The web portal as a module: stand-alone or inside all-in-one.</summary>
public static class PortalModule
{
    /// <summary>Adds the portal. Needs the live state (its sessions lie there).</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddPortal(this IHostApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddOptionsWithValidateOnStart<PortalOptions, PortalOptionsValidator>().BindConfiguration("Portal");
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IStartupFilter, PublicAddressFilter>();
        services.AddSingleton(PublicUrl.Of(builder.Configuration));
        services.AddSingleton<PhoneAccess>();
        services.AddPortalSignIn();
        services.AddSignUp();
        services.AddOpenIdSignIn(builder.Configuration);
        services.AddPortalLanguages();
        services.AddRazorComponents().AddInteractiveServerComponents();
        services.AddCascadingAuthenticationState();
        services.AddMudServices(mud =>
        {
            mud.SnackbarConfiguration.PositionClass = Defaults.Classes.Position.BottomCenter;
            mud.SnackbarConfiguration.VisibleStateDuration = 6000;
        });
        services.AddSingleton<ApiConnection>();
        services.AddSingleton(provider => new PortalBrands(
            http => new PbxApi(provider.GetRequiredService<ApiConnection>().Http, new RequestTokenSource(http)), provider.GetRequiredService<PublicUrl>(), provider.GetRequiredService<TimeProvider>()));
        services.AddScoped(provider => new PbxApi(provider.GetRequiredService<ApiConnection>().Http, provider.GetRequiredService<IAccessTokenSource>()));
        services.AddScoped<CurrentUser>();
        services.AddScoped<SessionWatch>();
        services.AddScoped<LiveTenant>();
        services.AddScoped<IPhoneMemory, SessionPhoneMemory>();
        services.AddScoped<BrowserPhone>();
        if (builder.Configuration["Portal:KeyFolder"] is { Length: > 0 } folder)
            services.AddDataProtection().SetApplicationName("CloudPbx").PersistKeysToFileSystem(new DirectoryInfo(folder));
        return builder;
    }

    /// <summary>Lets the process give the memory of closed pages back to the system in quiet moments. Only where the portal is all that the process does: it pauses for that.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddSpareMemory(this IHostApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddSingleton<OpenPages>();
        services.AddSingleton<CircuitHandler>(provider => provider.GetRequiredService<OpenPages>());
        services.AddHostedService(provider => new SpareMemory(provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<OpenPages>().State));
        return builder;
    }

    /// <summary>Adds what stands before the endpoints. Once per process, before <see cref="MapPortal"/>.</summary>
    /// <param name="app">The application.</param>
    public static void UsePortal(this WebApplication app)
    {
        app.UseWhen(context => PortalPaths.IsPortal(context.Request.Path), portal =>
        {
            portal.UseMiddleware<SecurityHeaders>();
            portal.UseRequestLocalization(LanguageEndpoints.Localization);
        });
        app.UseAntiforgery();
    }

    /// <summary>Maps the pages at <c>/</c>.</summary>
    /// <param name="app">The application.</param>
    public static void MapPortal(this WebApplication app)
    {
        app.MapStaticAssets();
        app.MapLanguages();
        app.MapSignIn(OpenIdSignIn.IsConfigured(app.Configuration));
        app.MapSignUp(OpenIdSignIn.IsConfigured(app.Configuration));
        app.MapPhones();
        app.MapCallExport();
        app.MapRecordingAudio();
        app.MapPromptAudio();
        app.MapArchiveExport();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode(Circuits).RequireAuthorization(PortalScheme.Policy);
        // Not a page that fits everything: the pages' own router would take links to files and to the sign-in for it.
        app.MapFallback(static () => TypedResults.LocalRedirect("/not-found")).WithMetadata(new HttpMethodMetadata([HttpMethods.Get]));
    }

    private static void Circuits(ServerComponentsEndpointOptions options)
    {
        options.ContentSecurityFrameAncestorsPolicy = null;             // SecurityHeaders says it for every page
        options.ConfigureWebSocketAcceptContext = static (_, socket) =>
        {
            socket.DangerousEnableCompression = true;
            // Each message by itself (RFC 7692 §7.1.1.1): a compressor that remembers the last one is kept for every open page, while it does nothing, too.
            socket.DisableServerContextTakeover = true;
            return Task.CompletedTask;
        };
    }
}
