using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CloudPbx.Hosting;

/// <summary>What every process shares: logs, telemetry, health, the clock.</summary>
public static class HostingDefaults
{
    /// <summary>Tag of the health checks that decide readiness; a check without it is for the page only.</summary>
    public const string ReadyTag = "ready";

    /// <summary>Prefix of the names of CloudPbx's meters and activity sources; all of them are exported.</summary>
    public const string TelemetryPrefix = "CloudPbx.";

    private static volatile bool s_started;

    /// <summary>Less of the frameworks' own chatter, where the configuration does not say otherwise.</summary>
    private static readonly (string Category, LogLevel Level)[] s_defaultLevels =
    [
        ("Microsoft", LogLevel.Warning),
        ("Microsoft.Hosting.Lifetime", LogLevel.Information),
        ("Microsoft.EntityFrameworkCore", LogLevel.Critical),                           // a refused row and an outage are results; whoever decides logs them
        ("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.Critical),           // the answer says it, at every probe
        ("Grpc", LogLevel.Warning),
        ("Orleans", LogLevel.Warning),
        ("MassTransit", LogLevel.Warning),
    ];

    /// <summary>
    /// Adds console logs (JSON where <c>Logging:Format</c> is <c>json</c>), metrics at <c>/metrics</c>, metrics, traces and logs by OTLP where
    /// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, health checks, the management listener (<see cref="ManagementOptions"/>) and the system's clock.
    /// </summary>
    /// <param name="builder">The host that is being built.</param>
    /// <param name="service">The service's name, as in telemetry: <c>edge</c>, <c>api</c> …</param>
    /// <returns><paramref name="builder"/>.</returns>
    /// <remarks>Running it twice, as all-in-one's modules might, does no harm.</remarks>
    public static IHostApplicationBuilder AddHostingDefaults(this IHostApplicationBuilder builder, string service)
    {
        if (builder.Services.Any(s => s.ServiceType == typeof(HostingDefaultsMarker)))
            return builder;
        builder.Services.AddSingleton<HostingDefaultsMarker>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddHealthChecks();
        if (bool.TryParse(builder.Configuration[StandardInputWatch.Setting], out bool watched) && watched)
            builder.Services.AddHostedService<StandardInputWatch>();
        AddLogs(builder);
        ManagementListener.Add(builder);
        TelemetryExport.Add(builder, service);
        return builder;
    }

    /// <summary>
    /// Maps <c>/health/live</c> (the process answers), <c>/health/ready</c> (it can do its work; otherwise 503 and a sentence per failed check) and <c>/metrics</c>
    /// (for Prometheus, on management listeners only unless <see cref="ManagementOptions.MetricsEverywhere"/>).
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <returns><paramref name="endpoints"/>.</returns>
    public static IEndpointRouteBuilder MapHostingDefaults(this IEndpointRouteBuilder endpoints)
    {
        endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(static () => s_started = true);
        endpoints.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        endpoints.MapHealthChecks("/health/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(ReadyTag),
            ResponseWriter = HealthPage.WriteAsync,
        });
        TelemetryExport.Map(endpoints);
        return endpoints;
    }

    /// <summary>Has <see cref="ClientTlsOptions"/> read from a section; a file that is not there stops the start.</summary>
    /// <param name="services">The process's services.</param>
    /// <param name="section">The section, <c>MediaControl</c>.</param>
    /// <remarks>Running it twice does no harm.</remarks>
    public static void AddClientTls(this IServiceCollection services, string section) =>
        services.AddOptionsWithValidateOnStart<ClientTlsOptions, ClientTlsOptionsValidator>().BindConfiguration(section);

    private static void AddLogs(IHostApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        if (string.Equals(builder.Configuration["Logging:Format"], "json", StringComparison.OrdinalIgnoreCase))
        {
            builder.Logging.AddJsonConsole(options =>
            {
                options.IncludeScopes = true;
                options.UseUtcTimestamp = true;
                options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<ConsoleFormatter, LineFormatter>());
            builder.Logging.AddConsole(options => options.FormatterName = LineFormatter.FormatterName);
        }
        // A start that fails is told in one sentence, or thrown.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", static level => s_started && level >= LogLevel.Warning);
        foreach ((string category, LogLevel level) in s_defaultLevels)
        {
            if (builder.Configuration[$"Logging:LogLevel:{category}"] is null)
                builder.Logging.AddFilter(category, level);
        }
    }

    private sealed class HostingDefaultsMarker;
}
