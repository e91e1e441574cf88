using System.Data.Common;
using CloudPbx.Data.Facts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure;

namespace CloudPbx.Data.Postgres;

/// <summary>Registration of the data on PostgreSQL.</summary>
public static class PostgresDataExtensions
{
    private const int MostPrepared = 60;                                                // of each connection: the server keeps a plan for each

    private static readonly TenantConnectionInterceptor s_interceptor = new();

    /// <summary>Adds the contexts on PostgreSQL. Configuration section <c>Postgres</c>, see <see cref="PostgresOptions"/>.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddPostgresData(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<PostgresOptions, PostgresOptionsValidator>().BindConfiguration("Postgres");
        // By the very string of the contexts: one pool.
        builder.Services.AddSingleton<IFactWriter>(services => new PostgresFactWriter(WithOnePlan(WithDeadlines(Options(services).Connection)), services.GetRequiredService<IPbxDatabase>()));
        builder.Services.AddPbxData<PostgresFaults, PostgresSchema>(
            (services, options) => UseTenant(options, Options(services).Connection),
            (services, options) => options.UseNpgsql(
                WithDeadlines(Options(services).PlatformConnection ?? throw PostgresOptions.Missing(nameof(PostgresOptions.PlatformConnection), PostgresRoles.Platform)),
                Migrations));
        return builder;
    }

    /// <summary>Sets a context up for one tenant at a time.</summary>
    internal static DbContextOptionsBuilder UseTenant(DbContextOptionsBuilder options, string connection) =>
        options.UseNpgsql(WithOnePlan(WithDeadlines(connection)), Migrations).AddInterceptors(s_interceptor);

    internal static void Migrations(NpgsqlDbContextOptionsBuilder postgres) =>
        postgres.MigrationsAssembly(typeof(PostgresDataExtensions).Assembly.GetName().Name);

    /// <summary>
    /// One plan for each prepared statement, whatever its values: a tenant's rows are found by indexes that the tenant leads, and a plan for the values at hand, over all partitions of the call
    /// records, took 5 ms where the statement takes 0.3. Where values decide, see <see cref="PbxDbContext.PlanForValuesAsync"/>.
    /// </summary>
    internal static string WithOnePlan(string connection)
    {
        NpgsqlConnectionStringBuilder builder = new(connection);
        if (string.IsNullOrEmpty(builder.Options))
            builder.Options = "-c plan_cache_mode=force_generic_plan";
        return builder.ToString();
    }

    /// <summary>
    /// Shorter deadlines than Npgsql's own, where the string does not set them: a request gets 503 while its client still waits. And statements that are used again are prepared: to plan
    /// one over the partitions of the call records takes longer than to run it.
    /// </summary>
    internal static string WithDeadlines(string connection)
    {
        NpgsqlConnectionStringBuilder builder = new(connection);
        DbConnectionStringBuilder written = new() { ConnectionString = connection };    // Npgsql's own builder knows every key, written or not
        if (!written.ContainsKey("Timeout"))
            builder.Timeout = 3;                                                        // seconds to connect
        if (!written.ContainsKey("Command Timeout") && !written.ContainsKey("CommandTimeout"))
            builder.CommandTimeout = 10;
        if (!written.ContainsKey("Max Auto Prepare") && !written.ContainsKey("MaxAutoPrepare"))
            (builder.MaxAutoPrepare, builder.AutoPrepareMinUsages) = (MostPrepared, 2);
        return builder.ToString();
    }

    private static PostgresOptions Options(IServiceProvider services) => services.GetRequiredService<IOptions<PostgresOptions>>().Value;
}
