using CloudPbx.Hosting.Web.Addresses;

namespace CloudPbx.Portal;

/// <summary>
/// Requests for pages that come over a Unix socket were handed on by the process that has the public listener: they are answered as if they had come by HTTPS, from the visitor's
/// address. It stands before all else, since signing in answers before any endpoint does.
/// </summary>
internal sealed class PublicAddressFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use((http, following) =>
        {
            if (ForwardedVisitor.CameOverSocket(http) && PortalPaths.IsPortal(http.Request.Path))
            {
                http.Request.Scheme = Uri.UriSchemeHttps;
                http.Connection.RemoteIpAddress = ForwardedVisitor.AddressOf(http);
            }
            return following(http);
        });
        next(app);
    };
}
