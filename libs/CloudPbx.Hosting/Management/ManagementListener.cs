using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Hosting;

/// <summary>The listener for operators and their tools, and the mark on connections that came by it.</summary>
public static class ManagementListener
{
    internal const string UnixPrefix = "unix:";

    /// <summary>Marks a listener's connections as the operator's: they may read <c>/metrics</c>.</summary>
    /// <param name="listener">A listener that strangers cannot reach: a Unix socket, loopback, a closed network.</param>
    /// <returns><paramref name="listener"/>.</returns>
    public static ListenOptions UseManagement(this ListenOptions listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        listener.Use(next => connection =>
        {
            connection.Features.Set(Mark.Instance);
            return next(connection);
        });
        return listener;
    }

    /// <summary>Makes an endpoint one for operators: for those who came by a listener for strangers it does not exist, unless <see cref="ManagementOptions.MetricsEverywhere"/>.</summary>
    /// <typeparam name="TBuilder">The kind of endpoint.</typeparam>
    /// <param name="endpoint">The endpoint.</param>
    /// <returns><paramref name="endpoint"/>.</returns>
    public static TBuilder ForManagement<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Finally(built =>
        {
            if (built.RequestDelegate is not { } serve)
                return;
            built.RequestDelegate = context =>
            {
                if (IsManagement(context) || context.RequestServices.GetRequiredService<IOptions<ManagementOptions>>().Value.MetricsEverywhere)
                    return serve(context);
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            };
        });
        return endpoint;
    }

    /// <summary>Whether a request came by such a listener; a Unix socket's file guards itself.</summary>
    internal static bool IsManagement(HttpContext context) =>
        context.Features.Get<Mark>() is not null || context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == AddressFamily.Unix;

    /// <summary>Opens the listener of <see cref="ManagementOptions.Listen"/>, if one is configured.</summary>
    internal static void Add(IHostApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<ManagementOptions, ManagementOptionsValidator>().BindConfiguration("Management");
        if (string.IsNullOrEmpty(builder.Configuration["Management:Listen"]))
            return;
        // Listeners made by code push the configured URLs aside, so those are made by code, too.
        string[] urls = builder.Configuration[WebHostDefaults.ServerUrlsKey]?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        builder.Configuration[WebHostDefaults.ServerUrlsKey] = null;
        builder.Services.AddOptions<KestrelServerOptions>().Configure<IOptions<ManagementOptions>>((kestrel, management) =>
        {
            foreach (string url in urls)
                Listen(kestrel, BindingAddress.Parse(url));
            Listen(kestrel, management.Value.Listen!);
        });
    }

    private static void Listen(KestrelServerOptions kestrel, string listen)
    {
        if (listen.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            UnixSocketFile.RemoveStale(listen[UnixPrefix.Length..]);
            kestrel.ListenUnixSocket(listen[UnixPrefix.Length..], Configure);
        }
        else
            kestrel.Listen(IPEndPoint.Parse(listen), Configure);

        static void Configure(ListenOptions listener)
        {
            listener.Protocols = HttpProtocols.Http1;
            listener.UseManagement();
        }
    }

    private static void Listen(KestrelServerOptions kestrel, BindingAddress url)
    {
        if (url.IsUnixPipe)
            kestrel.ListenUnixSocket(url.UnixPipePath, Configure);
        else if (string.Equals(url.Host, "localhost", StringComparison.OrdinalIgnoreCase))
            kestrel.ListenLocalhost(url.Port, Configure);
        else if (IPAddress.TryParse(url.Host.Trim('[', ']'), out IPAddress? address))
            kestrel.Listen(address, url.Port, Configure);
        else
            kestrel.ListenAnyIP(url.Port, Configure);

        void Configure(ListenOptions listener)
        {
            if (string.Equals(url.Scheme, "https", StringComparison.OrdinalIgnoreCase))
                listener.UseHttps();
        }
    }

    private sealed class Mark
    {
        public static Mark Instance { get; } = new();
    }
}
