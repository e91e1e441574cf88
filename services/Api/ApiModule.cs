using CloudPbx.Api.Access;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bans;
using CloudPbx.Api.Calls;
using CloudPbx.Api.Devices;
using CloudPbx.Api.Directory;
using CloudPbx.Api.Documents;
using CloudPbx.Api.Domains;
using CloudPbx.Api.Conferences;
using CloudPbx.Api.Emergencies;
using CloudPbx.Api.Events;
using CloudPbx.Api.Extensions;
using CloudPbx.Api.Limits;
using CloudPbx.Api.Live;
using CloudPbx.Api.Idempotency;
using CloudPbx.Api.Imports;
using CloudPbx.Api.Keys;
using CloudPbx.Api.Mail;
using CloudPbx.Api.Nodes;
using CloudPbx.Api.Numbers;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Platform;
using CloudPbx.Api.Prompts;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Recordings;
using CloudPbx.Api.Registrations;
using CloudPbx.Api.Resellers;
using CloudPbx.Api.SignInProviders;
using CloudPbx.Api.SignUps;
using CloudPbx.Api.Tenants;
using CloudPbx.Api.Trunks;
using CloudPbx.Api.Users;
using CloudPbx.Api.Webhooks;
using CloudPbx.Blobs;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Identity;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Authentication;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.Hosting.Web.Providers;
using CloudPbx.MediaControl;
using CloudPbx.State.MediaNodes;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Scalar.AspNetCore;

namespace CloudPbx.Api;

/// <summary>The REST API as a module: stand-alone or inside all-in-one.</summary>
public static class ApiModule
{
    /// <summary>Adds the API. Needs the data, the live state, an <c>IGrainFactory</c> and the bus, which <c>Program.cs</c> chooses.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddApi(this IHostApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddOptionsWithValidateOnStart<ApiOptions, ApiOptionsValidator>().BindConfiguration("Api");
        services.AddPbxProblemDetails();
        services.AddApiAuthentication(builder.Configuration);
        services.AddSingleton<ITenantDoor, GrainTenantDoor>(provider => new GrainTenantDoor(
            provider.GetRequiredService<IGrainFactory>, provider.GetRequiredService<ILogger<GrainTenantDoor>>()));
        services.AddSingleton<DirectoryPublisher>();
        services.AddSingleton<BrandingHosts>();
        services.AddHostedService(provider => provider.GetRequiredService<DirectoryPublisher>());
        services.AddSingleton<RefreshDispatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<RefreshDispatcher>());
        services.AddSingleton<ConfigurationAnnouncer>();
        services.AddSingleton<LiveFeeds>();
        services.AddOptionsWithValidateOnStart<DomainOptions, DomainOptionsValidator>().BindConfiguration("Domains");
        services.AddSingleton<SipAccess>();
        services.AddSingleton<IDomainNames, DnsDomainNames>();
        services.AddClientRegistration();
        services.AddOptionsWithValidateOnStart<SignUpOptions, SignUpOptionsValidator>().BindConfiguration("SignUp");
        services.AddOptionsWithValidateOnStart<MailOptions, MailOptionsValidator>().BindConfiguration("Mail");
        services.AddSingleton<Mailer>();
        services.AddSingleton<IMailer>(provider => provider.GetRequiredService<Mailer>());
        services.AddSingleton<LimitMailer>();
        services.AddHostedService(provider => provider.GetRequiredService<LimitMailer>());
        services.AddSingleton<EmergencyMailer>();
        services.AddHostedService(provider => provider.GetRequiredService<EmergencyMailer>());
        services.AddSingleton<SignUpLimit>();
        services.AddScoped<SignUpCompletion>();
        services.AddScoped<ResellerOfRequest>();
        services.AddSingleton<TrialWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<TrialWatch>());
        services.AddSingleton<StorageWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<StorageWatch>());
        services.AddHostedService<CallRecordMonths>();
        services.AddSingleton<RecordingLinks>();
        services.AddSingleton<RecordingRetention>();
        services.AddHostedService(provider => provider.GetRequiredService<RecordingRetention>());
        services.AddSingleton<ProvisioningGuard>();
        // All-in-one knows its only media node; elsewhere they announce themselves, the least loaded first.
        services.AddClientTls("MediaControl");
        services.TryAddSingleton<ISoundDecoder>(provider => new SoundDecoder(
            cancel => FindMediaAsync(provider.GetRequiredService<MediaNodeStore>(), cancel), provider.GetRequiredService<IOptions<ClientTlsOptions>>().Value.Read));
        services.AddScoped<DocumentApplier>();
        services.AddScoped<ExtensionBulkApplier>();
        services.AddWebhooks();
        services.AddSignInProviders();
        services.AddScoped<TrunkSaving>();
        services.AddSingleton<PlatformTrunkDistribution>();
        builder.AddBlobs();
        services.AddOpenApi("v1", options =>
        {
            options.ShouldInclude = description => description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer<ApiDescription>();
            options.AddOperationTransformer<ApiParameters>();
        });
        return builder;
    }

    /// <summary>Adds <c>IGrainFactory</c> as a client of the workers' cluster, for a stand-alone Api. In all-in-one the silo brings it.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <param name="clustering">Says which cluster, and where it is.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddWorkersClient(this IHostApplicationBuilder builder, Action<IClientBuilder> clustering)
    {
        builder.Services.AddSingleton(provider => ActivatorUtilities.CreateInstance<WorkersClient>(provider, clustering));
        builder.Services.AddHostedService(provider => provider.GetRequiredService<WorkersClient>());
        builder.Services.AddTransient(provider => provider.GetRequiredService<WorkersClient>().Grains);
        return builder;
    }

    /// <summary>Adds the consumers of facts.</summary>
    /// <param name="consumers">Those of the process that is being built.</param>
    public static void AddConsumers(FactConsumers consumers)
    {
        consumers.Add<CallEndedConsumer, CallEnded>();
        consumers.Add<TenantEventsConsumer, TenantEventsHappened>();
    }

    /// <summary>Maps <c>/v1</c> and <c>/openapi/v1.json</c>.</summary>
    /// <param name="endpoints">The application.</param>
    /// <returns><paramref name="endpoints"/>.</returns>
    public static IEndpointRouteBuilder MapApi(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<OperatorToken>().Prepare();        // made at the start: whoever starts the Api wants to use it
        endpoints.MapOpenApi("/openapi/{documentName}.json");
        // Its script comes with the package and not from elsewhere, and nothing is told to others.
        endpoints.MapScalarApiReference("/reference", reference => reference.WithTitle("CloudPbx API").WithOpenApiRoutePattern("/openapi/v1.json").DisableTelemetry().DisableDefaultFonts());
        endpoints.MapGettingStarted();
        RouteGroupBuilder api = endpoints.MapGroup("/v1").RequireAuthorization(ApiAuthentication.Policy).AddEndpointFilter<LanguageFilter>().AddEndpointFilter<FaultFilter>().AddEndpointFilter<AccessFilter>().AddEndpointFilter<ControlsFilter>().AddEndpointFilter<IdempotencyFilter>()
            .AddEndpointFilter<LanguageFilter>().AddEndpointFilter<AuditFilter>();      // inside: what is answered from memory was done once
        api.MapMe();
        api.MapTenants();
        RouteGroupBuilder tenant = api.MapGroup("/tenants/{tenant}").For(UserRole.Administrator).AddEndpointFilter<TenantFilter>();
        tenant.MapTenant();
        tenant.MapDomains();
        tenant.MapExtensions();
        tenant.MapForwards();
        tenant.MapExtensionBulk();
        tenant.MapDevices();
        tenant.MapProvisioning();
        tenant.MapBrowserPhones();
        tenant.MapOwnProfiles();
        tenant.MapTrunks();
        tenant.MapTrunkStatus();
        tenant.MapNumbers();
        tenant.MapFreeNumbers();
        tenant.MapConferences();
        tenant.MapRoutes();
        tenant.MapOutside();
        tenant.MapRouting();
        tenant.MapCalls();
        tenant.MapRecordings();
        tenant.MapPrompts();
        tenant.MapArchive();
        tenant.MapImports();
        tenant.MapRegistrations();
        tenant.MapLive();
        tenant.MapTenantPlan();
        tenant.MapUsers("Tenant");
        tenant.MapKeys("Tenant");
        tenant.MapSignInProvider();
        tenant.MapAudit();
        tenant.MapEvents();
        tenant.MapWebhooks("Tenant");
        RouteGroupBuilder reseller = api.MapResellers();
        reseller.MapUsers("Reseller");
        reseller.MapKeys("Reseller");
        reseller.MapWebhooks("Reseller");
        reseller.MapSharedTrunks("Reseller");
        reseller.MapSharedTrunkStatus("Reseller");
        reseller.MapInventory("Reseller");
        reseller.MapResellerAudit();
        RouteGroupBuilder platform = api.MapGroup("/platform");
        platform.MapUsers("Platform");
        platform.MapPlatformSettings();
        platform.MapSharedTrunks("Platform");
        platform.MapSharedTrunkStatus("Platform");
        platform.MapInventory();
        platform.MapPlatformAudit();
        api.MapPlans();
        RouteGroupBuilder open = endpoints.MapGroup("/v1").AddEndpointFilter<LanguageFilter>().AddEndpointFilter<FaultFilter>();
        open.MapSignUps();
        open.MapBrandings();
        open.MapRecordingLinks();
        open.MapProvisioningLinks();
        api.MapDocuments();
        api.MapProfiles();
        api.MapBans();
        api.MapNodes();
        api.MapFallback("/{**path}", () => Answers.NotFound("There is no such resource. /openapi/v1.json lists what there is.")).For(UserRole.User).ExcludeFromDescription();
        return endpoints;
    }

    private static async Task<IReadOnlyList<Uri>?> FindMediaAsync(MediaNodeStore store, CancellationToken cancel)
    {
        IReadOnlyList<MediaNodeAddress>? nodes = await store.ListAsync(cancel);
        return nodes is null ? null : [.. nodes.OrderBy(node => node.IsDraining).ThenBy(node => node.Legs).Where(node => Uri.IsWellFormedUriString(node.Address, UriKind.Absolute)).Select(node => new Uri(node.Address))];
    }
}
