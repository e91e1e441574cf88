using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Hosting.Web.Addresses;
using Yarp.ReverseProxy.Forwarder;

namespace CloudPbx.Api.Forwarding;

/// <summary>
/// Hands the sign-in's paths, and all that are nobody else's to the portal, to the processes that serve them, where the API has the one public listener and no ingress stands
/// before it; SIP over WebSocket (RFC 7118) to an edge, so that browsers reach it under the portal's own name and certificate. <c>Forward:Identity</c>, <c>Forward:Portal</c> and
/// <c>Forward:Sip</c> are those processes' Unix sockets.
/// </summary>
public static class Forwards
{
    private static readonly string[] s_identityPaths = ["/connect/{**rest}", "/account/{**rest}", "/.well-known/{**rest}"];

    private static readonly string[] s_sipPaths = ["/sip"];

    // The route that fits everything is asked last.
    private static readonly string[] s_portalPaths = ["/{**rest}"];

    /// <summary>Adds the forwarder.</summary>
    /// <param name="builder">The host that is being built.</param>
    /// <returns><paramref name="builder"/>.</returns>
    public static IHostApplicationBuilder AddForwards(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHttpForwarder();
        return builder;
    }

    /// <summary>Maps the paths, where sockets are set.</summary>
    /// <param name="endpoints">The application.</param>
    /// <returns><paramref name="endpoints"/>.</returns>
    public static IEndpointRouteBuilder MapForwards(this IEndpointRouteBuilder endpoints)
    {
        IConfiguration configuration = endpoints.ServiceProvider.GetRequiredService<IConfiguration>();
        endpoints.MapForwards(configuration["Forward:Identity"], s_identityPaths, "The sign-in is away. Try again in a few seconds.");
        endpoints.MapForwards(configuration["Forward:Sip"], s_sipPaths, "The edge is away. Phones in browsers try again by themselves.");
        endpoints.MapForwards(configuration["Forward:Portal"], s_portalPaths, "The portal is away. Try again in a few seconds.");
        return endpoints;
    }

    private static void MapForwards(this IEndpointRouteBuilder endpoints, string? socket, string[] paths, string away)
    {
        if (string.IsNullOrEmpty(socket))
            return;
        HttpMessageInvoker client = OverSocket(socket);
        endpoints.ServiceProvider.GetRequiredService<IHostApplicationLifetime>().ApplicationStopped.Register(client.Dispose);
        foreach (string path in paths)
        {
            endpoints.Map(path, async (HttpContext http, IHttpForwarder forwarder) =>
            {
                if (await forwarder.SendAsync(http, "http://localhost", client, ForwarderRequestConfig.Empty, Transformer.Instance) != ForwarderError.None && !http.Response.HasStarted)
                    await Answers.ServiceAway(away).ExecuteAsync(http);
            }).ExcludeFromDescription();
        }
    }

    private static HttpMessageInvoker OverSocket(string path) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    });

    /// <summary>Says where a request came from; what the client claims about that is dropped.</summary>
    private sealed class Transformer : HttpTransformer
    {
        public static Transformer Instance { get; } = new();

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            foreach (string name in new[] { ForwardedVisitor.Header, "X-Forwarded-Host", "X-Forwarded-Proto", "X-Client-Port", "Forwarded" })
                proxyRequest.Headers.Remove(name);
            if (httpContext.Connection.RemoteIpAddress is { } address)
            {
                proxyRequest.Headers.TryAddWithoutValidation(ForwardedVisitor.Header, (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString());
                proxyRequest.Headers.TryAddWithoutValidation("X-Client-Port", httpContext.Connection.RemotePort.ToString(CultureInfo.InvariantCulture));
            }
            if (!httpContext.Request.Path.StartsWithSegments("/sip", StringComparison.Ordinal))
                return;
            // The edge compares the page's origin with the name that it was asked by (RFC 6455 §10.2), and tells phones whether they are reached securely.
            proxyRequest.Headers.Host = httpContext.Request.Host.Value;
            proxyRequest.Headers.TryAddWithoutValidation("X-Forwarded-Proto", httpContext.Request.Scheme);
        }
    }
}
