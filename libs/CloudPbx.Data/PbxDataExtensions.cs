using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data.Audit;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.Clients;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Facts;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Recordings;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.SignInProviders;
using CloudPbx.Data.SignUps;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using CloudPbx.Data.Users;
using CloudPbx.Data.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace CloudPbx.Data;

/// <summary>Registration of what both providers share.</summary>
public static class PbxDataExtensions
{
    /// <summary>Adds the contexts, the keyring and the readers on a provider. Called by <c>AddPostgresData</c> and <c>AddSqliteData</c>, which <c>Program.cs</c> chooses from.</summary>
    /// <typeparam name="TFaults">Tells the provider's faults apart.</typeparam>
    /// <typeparam name="TSchema">The provider's migrations.</typeparam>
    /// <param name="services">The host's services.</param>
    /// <param name="tenant">Sets the provider up for the tenants' context.</param>
    /// <param name="platform">Sets the provider up for the platform's context.</param>
    /// <returns><paramref name="services"/>.</returns>
    public static IServiceCollection AddPbxData<TFaults, TSchema>(
        this IServiceCollection services,
        Action<IServiceProvider, DbContextOptionsBuilder> tenant,
        Action<IServiceProvider, DbContextOptionsBuilder> platform)
        where TFaults : class, IDatabaseFaults
        where TSchema : class, IDatabaseSchema
    {
        services.AddDbContext<PbxDbContext>((provider, options) => tenant(provider, WithoutModelCheck(options)), ServiceLifetime.Scoped, ServiceLifetime.Singleton);
        services.AddDbContext<PlatformDbContext>((provider, options) => platform(provider, WithoutModelCheck(options)), ServiceLifetime.Scoped, ServiceLifetime.Singleton);
        services.AddOptionsWithValidateOnStart<PlatformKeyOptions, PlatformKeyOptionsValidator>().BindConfiguration("PlatformKey");
        services.TryAddScoped<TenantContext>();
        services.TryAddSingleton<IDatabaseFaults, TFaults>();
        services.TryAddSingleton<IDatabaseSchema, TSchema>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SchemaGate>();
        services.TryAddSingleton<IPbxDatabase, PbxDatabase>();
        services.TryAddSingleton<PlatformKey>(provider => PlatformKey.Load(provider.GetRequiredService<Microsoft.Extensions.Options.IOptions<PlatformKeyOptions>>()));
        services.TryAddSingleton<TenantKeyring>();
        services.TryAddSingleton<PlatformSeal>();
        services.TryAddSingleton<GlobalKeyStore>();
        services.TryAddSingleton<OneTimeLinks>();
        services.TryAddSingleton<IssuedTokens>();
        services.TryAddSingleton<ApiKeyStore>();
        services.TryAddSingleton<ResellerStore>();
        services.TryAddSingleton<PlatformSettingsStore>();
        services.TryAddSingleton<GlobalAuditStore>();
        services.TryAddSingleton<BrandingLookup>();
        services.TryAddSingleton<UserDirectory>();
        services.TryAddSingleton<SessionStore>();
        services.TryAddSingleton<SignInProviderLookup>();
        services.TryAddSingleton<SignUpStore>();
        services.TryAddSingleton<ITenantConfigurationSource, TenantConfigurationSource>();
        services.TryAddSingleton<DirectoryReader>();
        services.TryAddSingleton<TenantLookup>();
        services.TryAddSingleton<SourceConflicts>();
        services.TryAddSingleton<GlobalTrunkStore>();
        services.TryAddSingleton<IFactWriter, TrackedFactWriter>();
        services.TryAddSingleton<CallRecordWriter>();
        services.TryAddSingleton<EventLogWriter>();
        services.TryAddSingleton<RecordingArrivals>();
        services.TryAddSingleton<WebhookStore>();
        services.TryAddSingleton<WebhookQueue>();
        services.AddHealthChecks().AddCheck<SchemaHealthCheck>("database", tags: ["ready"]);
        return services;
    }

    /// <summary>That the migrations lead to the model is a test's business (ModelTests): asking at every start costs a good part of it.</summary>
    private static DbContextOptionsBuilder WithoutModelCheck(DbContextOptionsBuilder options) =>
        options.ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning));
}
