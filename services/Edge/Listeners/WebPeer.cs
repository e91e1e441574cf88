using System.Globalization;
using System.Net;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Listeners;

/// <summary>Who connects by HTTP: the connection's own end, or, on the Unix socket, whom the process with the public listener names. Nobody else reaches that socket.</summary>
/// <param name="Remote">The browser.</param>
/// <param name="Local">Our address of its connection; <see langword="null"/>: another process has that.</param>
/// <param name="Port">The port that the browser connected to.</param>
/// <param name="IsSecure">Whether its connection is encrypted.</param>
internal readonly record struct WebPeer(InternetEndPoint Remote, IPAddress? Local, int Port, bool IsSecure)
{
    /// <summary>Names the client's port beside <c>X-Forwarded-For</c>, which has none.</summary>
    public const string PortHeader = "X-Client-Port";

    /// <summary>Reads a request.</summary>
    /// <returns>Null where nobody is named.</returns>
    public static WebPeer? Of(HttpContext context)
    {
        if (context.Connection is { RemoteIpAddress: { } remote, LocalIpAddress: { } local })
            return new WebPeer(InternetEndPoint.From(new IPEndPoint(remote, context.Connection.RemotePort)), local, context.Connection.LocalPort, context.Request.IsHttps);
        IHeaderDictionary headers = context.Request.Headers;
        if (!IPAddress.TryParse(headers["X-Forwarded-For"], out IPAddress? address))
            return null;
        _ = int.TryParse(headers[PortHeader], NumberStyles.None, CultureInfo.InvariantCulture, out int port);
        bool secure = string.Equals(headers["X-Forwarded-Proto"], Uri.UriSchemeHttps, StringComparison.OrdinalIgnoreCase);
        return new WebPeer(InternetEndPoint.From(new IPEndPoint(address, port is > 0 and <= 65535 ? port : 0)), null, context.Request.Host.Port ?? (secure ? 443 : 80), secure);
    }
}
