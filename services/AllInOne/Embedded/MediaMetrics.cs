using System.Net.Sockets;
using CloudPbx.Hosting;

namespace CloudPbx.AllInOne.Embedded;

/// <summary><c>/metrics/media</c>: the media child's own page, for those who may see this process's.</summary>
internal static class MediaMetrics
{
    public static IEndpointRouteBuilder MapMediaMetrics(this IEndpointRouteBuilder endpoints, string socket)
    {
        var child = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancel);
                    return new NetworkStream(connection, ownsSocket: true);
                }
                catch
                {
                    connection.Dispose();
                    throw;
                }
            },
        });
        endpoints.MapGet("/metrics/media", async (HttpContext context) =>
        {
            try
            {
                using HttpResponseMessage page = await child.GetAsync(new Uri("http://localhost/metrics"), context.RequestAborted);
                context.Response.ContentType = page.Content.Headers.ContentType?.ToString();
                await page.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
            }
            catch (HttpRequestException)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;      // it died and is being replaced
            }
        }).ExcludeFromDescription().ForManagement();
        return endpoints;
    }
}
