using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CloudPbx.Hosting;

/// <summary>Who gets to see a process's metrics, traces and logs: whoever asks at <c>/metrics</c>, and the OTLP collector where one is configured.</summary>
internal static class TelemetryExport
{
    // Besides our own: requests to the REST API, and the runtime's own figures (collections, thread pool).
    private static readonly string[] s_meters = [HostingDefaults.TelemetryPrefix + "*", "Microsoft.AspNetCore.Hosting"];

    // Besides our own: MassTransit's, which carries a trace through the bus in its message headers.
    private static readonly string[] s_sources = [HostingDefaults.TelemetryPrefix + "*", "MassTransit"];

    // The runtime's figures are a handful of series each. The room for two thousand, which is kept whether used or not, would be 3 MiB of each process.
    private const string RuntimeMeter = "System.Runtime";
    private const int RuntimeSeries = 100;

    public static void Add(IHostApplicationBuilder builder, string service)
    {
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(service, serviceNamespace: "cloudpbx"))
            .WithMetrics(metrics => metrics.AddMeter(s_meters).AddRuntimeInstrumentation().AddView(Room).AddPrometheusExporter());
        // Without a collector nobody listens to a source, so that no span is ever made.
        if (!string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            telemetry.WithTracing(tracing => tracing.AddSource(s_sources)).WithLogging(null, logs => logs.IncludeScopes = true).UseOtlpExporter();
    }

    private static MetricStreamConfiguration? Room(Instrument instrument) => instrument.Meter.Name == RuntimeMeter ? new MetricStreamConfiguration { CardinalityLimit = RuntimeSeries } : null;

    /// <summary>Maps <c>/metrics</c>.</summary>
    public static void Map(IEndpointRouteBuilder endpoints) => endpoints.MapPrometheusScrapingEndpoint("/metrics").ForManagement();
}
