using System.Net;
using CloudPbx.Hosting.Web.Addresses;

namespace CloudPbx.Identity;

/// <summary>
/// Requests that come over a Unix socket (from this machine's own processes, or from the process that has the public listener) are answered as if they had come by the public
/// address: issuer, links and cookies are its.
/// </summary>
internal sealed class PublicAddressFilter(PublicUrl publicUrl) : IStartupFilter
{
    private static readonly PathString[] s_paths = ["/connect", "/account", "/.well-known"];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, following) =>
        {
            if (http.Connection.LocalIpAddress is null && s_paths.Any(path => http.Request.Path.StartsWithSegments(path)))
                Enter(http);
            return following(http);
        });
        next(app);
    };

    private void Enter(HttpContext http)
    {
        http.Request.Scheme = publicUrl.Origin.Scheme;
        http.Request.Host = HostString.FromUriComponent(publicUrl.Origin);
        // The forwarding process writes it anew; nobody else reaches the socket.
        if (http.Request.Headers["X-Forwarded-For"].ToString() is { Length: > 0 } text && IPAddress.TryParse(text.Split(',')[^1].Trim(), out IPAddress? address))
            http.Connection.RemoteIpAddress = address;
    }
}
