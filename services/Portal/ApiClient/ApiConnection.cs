using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.ApiClient;

/// <summary>The process's connections to the API, shared by all users; the tokens are in the requests.</summary>
public sealed class ApiConnection : IDisposable
{
    private const string UnixScheme = "unix:";

    /// <summary>Prepares the client; connects when it is used.</summary>
    /// <param name="options">Where the API is.</param>
    public ApiConnection(IOptions<PortalOptions> options)
    {
        PortalOptions settings = options.Value;
        bool unix = settings.Api.StartsWith(UnixScheme, StringComparison.Ordinal);
        var handler = new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(10), AllowAutoRedirect = false };
        if (unix)
            handler.ConnectCallback = (_, cancel) => ConnectAsync(settings.Api[UnixScheme.Length..], cancel);
        Http = new HttpClient(handler)
        {
            BaseAddress = new Uri(unix ? "http://localhost/v1/" : settings.Api.TrimEnd('/') + "/v1/"),
            Timeout = TimeSpan.FromSeconds(settings.ApiSeconds),
        };
        Http.DefaultRequestHeaders.UserAgent.ParseAdd("CloudPbx-Portal");
    }

    /// <summary>The client, whose address ends in <c>/v1/</c>.</summary>
    public HttpClient Http { get; }

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancel)
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
    }
}
