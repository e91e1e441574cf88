using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Identity.Brands;

namespace CloudPbx.Identity;

/// <summary>
/// Requests that come over a Unix socket (from this machine's own processes, or from the process that has the public listener) are answered as if they had come by the public
/// address: issuer, links and cookies are its. A brand's own host name stays what it is.
/// </summary>
internal sealed class PublicAddressFilter(PublicUrl publicUrl, BrandHosts brands) : IStartupFilter
{
    private static readonly PathString[] s_paths = ["/connect", "/account", "/.well-known"];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (http, following) =>
        {
            if (ForwardedVisitor.CameOverSocket(http) && s_paths.Any(path => http.Request.Path.StartsWithSegments(path)))
                await EnterAsync(http);
            await following(http);
        });
        next(app);
    };

    private async Task EnterAsync(HttpContext http)
    {
        http.Request.Scheme = publicUrl.Origin.Scheme;
        if (await brands.FindAsync(http.Request.Host, http.RequestAborted) is null)
            http.Request.Host = HostString.FromUriComponent(publicUrl.Origin);
        http.Connection.RemoteIpAddress = ForwardedVisitor.AddressOf(http);
    }
}
