using CloudPbx.State.Answers;
using CloudPbx.State.Bans;
using CloudPbx.State.Bindings;
using CloudPbx.State.CallSnapshots;
using CloudPbx.State.Directory;
using CloudPbx.State.Edges;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Nodes;
using CloudPbx.State.PortalSessions;
using CloudPbx.State.Presence;
using CloudPbx.State.SharedTrunks;
using CloudPbx.State.Tenants;
using CloudPbx.State.Trunks;
using CloudPbx.State.Usage;
using CloudPbx.State.Workers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.State;

/// <summary>Registration of the live state.</summary>
public static class RuntimeStateExtensions
{
    /// <summary>Adds the stores in Redis, all singletons. Configuration section <c>Redis</c>, see <see cref="RedisOptions"/>.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddRuntimeState(this IHostApplicationBuilder builder)
    {
        IServiceCollection services = builder.Services;
        services.AddOptionsWithValidateOnStart<RedisOptions, RedisOptionsValidator>().BindConfiguration("Redis");
        services.AddOptionsWithValidateOnStart<BanOptions, BanOptionsValidator>().BindConfiguration("Bans");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RedisConnection>();
        services.TryAddSingleton<AnswerStore>();
        services.TryAddSingleton<AttackStore>();
        services.TryAddSingleton<AttackTable>();
        services.TryAddSingleton<BanStore>();
        services.TryAddSingleton<BanTable>();
        services.TryAddSingleton<BindingStore>();
        services.TryAddSingleton<CallSnapshotStore>();
        services.TryAddSingleton<SubscriptionStore>();
        services.TryAddSingleton<TrunkNoteStore>();
        services.TryAddSingleton<UsageStore>();
        services.TryAddSingleton<DirectoryStore>();
        services.TryAddSingleton<EdgeKeyStore>();
        services.TryAddSingleton<EdgeStore>();
        services.TryAddSingleton<WorkerStore>();
        services.TryAddSingleton<SharedTrunkStore>();
        services.TryAddSingleton<MediaNodeStore>();
        services.TryAddSingleton<DrainStore>();
        services.TryAddSingleton<EpochStore>();
        services.TryAddSingleton<ActiveTenantStore>();
        services.TryAddSingleton<TenantSnapshotStore>();
        services.TryAddSingleton<PortalSessionStore>();
        services.TryAddSingleton<LiveChannel>();
        return builder;
    }
}
