using System.Net;
using CloudPbx.Edge.Dispatch;
using CloudPbx.Edge.Guard;
using CloudPbx.Edge.Listeners;
using CloudPbx.Hosting;
using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Proxying;
using CloudPbx.State.Bans;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge;

/// <summary>The edge as a part of a process. Live state is <c>Program.cs</c>'s choice.</summary>
public static class EdgeModule
{
    /// <summary>Adds the edge. Configuration section <c>Edge</c>, see <see cref="EdgeOptions"/>.</summary>
    /// <param name="builder">The process. It must also add the live state. An <see cref="IWorkerConnector"/> registered before this call replaces the one by TCP.</param>
    /// <returns>The builder.</returns>
    public static TBuilder AddEdge<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
    {
        IServiceCollection services = builder.Services;
        services.AddOptionsWithValidateOnStart<EdgeOptions, EdgeOptionsValidator>().BindConfiguration("Edge");
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IWorkerConnector, TcpWorkerConnector>();
        services.TryAddSingleton<IEdgeSources, StateSources>();
        services.TryAddSingleton<BanTable>();
        services.AddSingleton<EdgeEndpoints>();
        services.AddSingleton<EdgeIdentity>();
        services.AddSingleton<EdgeDrain>();
        services.AddSingleton<EdgeMetrics>();
        services.AddSingleton<CertificateStore>();
        services.AddSingleton<CarrierAuthorities>();
        services.AddSingleton<OpenFlows>();
        services.AddSingleton<WorkerLinks>();
        services.AddSingleton<BanGate>();
        services.AddSingleton<EmergencyBrake>();
        services.AddSingleton<AnswerCredit>();
        services.AddSingleton<ScannerTrap>();
        services.AddSingleton<MessageDispatcher>();
        services.AddSingleton<StreamListeners>();
        services.AddSingleton<ConnectionSweep>();
        services.AddSingleton<SipConnectionHandler>();
        services.AddSingleton<WebSocketHandler>();
        services.AddSingleton<CarrierConnections>();
        services.AddSingleton<HandshakeGate>();
        services.AddSingleton<Newcomers>();
        services.AddSingleton(provider =>
        {
            EdgeOptions options = provider.GetRequiredService<IOptions<EdgeOptions>>().Value;
            return new SourceLimiter(options.MessagesPerSecond, options.MessageBurst, provider.GetRequiredService<TimeProvider>());
        });
        services.AddSingleton(provider =>
        {
            EdgeOptions options = provider.GetRequiredService<IOptions<EdgeOptions>>().Value;
            return new ConnectionLimiter(options.MaxConnections, options.MaxConnectionsPerSource);
        });
        services.AddSingleton(provider =>
        {
            EdgeOptions options = provider.GetRequiredService<IOptions<EdgeOptions>>().Value;
            return new AdvertisedAddresses(options.PublicHosts(), options.LocalNets.Select(n => IPNetwork.Parse(n)), provider.GetRequiredService<TimeProvider>());
        });
        services.AddHostedService<EdgeService>();
        services.AddHostedService<EdgeAnnouncer>();
        services.AddHealthChecks().AddCheck<EdgeHealth>("edge", tags: [HostingDefaults.ReadyTag]);
        return builder;
    }

    /// <summary>Serves SIP over WebSocket (RFC 7118) at <see cref="WebSocketPath"/> of the process's own web server too, beside <see cref="EdgeOptions.WssPort"/>.</summary>
    /// <param name="endpoints">The web server's routes.</param>
    /// <returns>The routes.</returns>
    public static TBuilder MapEdge<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointRouteBuilder
    {
        endpoints.Map(WebSocketPath, WebSocketPipeline(endpoints.ServiceProvider, endpoints.ServiceProvider.GetRequiredService<WebSocketHandler>().AdmitAsync))
            .ExcludeFromDescription();
        return endpoints;
    }

    /// <summary>Serves the process that has the public listener, over our Unix socket, and nobody who comes otherwise: health pages and browsers do not share a port.</summary>
    /// <param name="endpoints">The web server's routes.</param>
    /// <returns>The routes.</returns>
    public static TBuilder MapForwardedEdge<TBuilder>(this TBuilder endpoints) where TBuilder : IEndpointRouteBuilder
    {
        WebSocketHandler handler = endpoints.ServiceProvider.GetRequiredService<WebSocketHandler>();
        endpoints.Map(WebSocketPath, WebSocketPipeline(endpoints.ServiceProvider, context => context.Connection.LocalIpAddress is null ? handler.AdmitAsync(context) : NotFound(context)))
            .ExcludeFromDescription();
        return endpoints;
    }

    /// <summary>Where browsers connect.</summary>
    public const string WebSocketPath = "/sip";

    internal static RequestDelegate WebSocketPipeline(IServiceProvider services, RequestDelegate handler)
    {
        var pipeline = new ApplicationBuilder(services);
        pipeline.UseWebSockets();
        pipeline.Run(context => context.Request.Path == WebSocketPath ? handler(context) : NotFound(context));
        return pipeline.Build();
    }

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
