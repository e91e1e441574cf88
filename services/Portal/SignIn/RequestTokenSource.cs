using System.Net;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Portal.ApiClient;

namespace CloudPbx.Portal.SignIn;

/// <summary>The token of a request's session, for what is fetched outside a circuit: files.</summary>
internal sealed class RequestTokenSource(HttpContext http) : IAccessTokenSource
{
    public async ValueTask<string?> GetAsync(CancellationToken cancel) => http.User.FindFirst(PortalScheme.SessionClaim)?.Value is { } id
        ? await http.RequestServices.GetRequiredService<TokenRenewal>().TokenOfAsync(id, cancel) : null;

    public ValueTask<IPAddress?> VisitorAsync() => ValueTask.FromResult(ForwardedVisitor.AddressOf(http));
}
