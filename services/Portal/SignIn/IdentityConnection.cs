using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Portal.SignIn;

/// <summary>The way to Identity's token endpoint and metadata: over its Unix socket or inner address, whatever public address they name themselves.</summary>
internal sealed class IdentityConnection : IDisposable
{
    private const string UnixScheme = "unix:";

    public IdentityConnection(IOptions<PortalOptions> options)
    {
        string where = options.Value.Identity ?? "http://localhost";
        var sockets = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        bool unix = where.StartsWith(UnixScheme, StringComparison.Ordinal);
        if (unix)
            sockets.ConnectCallback = (_, cancel) => ConnectAsync(where[UnixScheme.Length..], cancel);
        Handler = new Inward(unix ? new Uri("http://localhost") : new Uri(where), sockets);
        Http = new HttpClient(Handler, disposeHandler: false) { BaseAddress = new Uri("http://localhost/"), Timeout = TimeSpan.FromSeconds(15) };
    }

    public HttpMessageHandler Handler { get; }

    public HttpClient Http { get; }

    public void Dispose()
    {
        Http.Dispose();
        Handler.Dispose();
    }

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

    /// <summary>Sends to the inner address what names the public one.</summary>
    private sealed class Inward(Uri inner, HttpMessageHandler next) : DelegatingHandler(next)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.RequestUri = new Uri(inner, request.RequestUri!.PathAndQuery);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
