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
            if (ForwardedVisitor.CameOverSocket(http) && s_paths.Any(path => http.Request.Path.StartsWithSegments(path)))
                Enter(http);
            return following(http);
        });
        next(app);
    };

    private void Enter(HttpContext http)
    {
        http.Request.Scheme = publicUrl.Origin.Scheme;
        http.Request.Host = HostString.FromUriComponent(publicUrl.Origin);
        http.Connection.RemoteIpAddress = ForwardedVisitor.AddressOf(http);
    }
}
