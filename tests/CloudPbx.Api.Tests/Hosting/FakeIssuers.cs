using System.Collections.Concurrent;
using System.Net;
using System.Text;
using CloudPbx.Hosting.Web.Outbound;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>The discovery documents of providers, by address; everything else is 404. Hosts that begin with <c>inside</c> are inside a network.</summary>
internal sealed class FakeIssuers : HttpMessageHandler, ITargetNames
{
    public ConcurrentDictionary<string, string> Documents { get; } = new(StringComparer.Ordinal);

    /// <summary>An issuer in order.</summary>
    public string Add(string issuer, string? named = null, string tokenEndpoint = "/token")
    {
        Documents[issuer.TrimEnd('/') + "/.well-known/openid-configuration"] =
            $$"""{"issuer":"{{named ?? issuer}}","authorization_endpoint":"{{issuer}}/authorize","token_endpoint":"{{(tokenEndpoint.StartsWith('/') ? issuer + tokenEndpoint : tokenEndpoint)}}","jwks_uri":"{{issuer}}/keys"}""";
        return issuer;
    }

    public Task<IPAddress[]> FindAsync(string host, CancellationToken cancel) =>
        Task.FromResult<IPAddress[]>([IPAddress.Parse(host.StartsWith("inside", StringComparison.Ordinal) ? "169.254.169.254" : "93.184.216.34")]);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri!.Host.StartsWith("away", StringComparison.Ordinal))
            throw new HttpRequestException("Nobody answers.");
        return Task.FromResult(Documents.TryGetValue(request.RequestUri.AbsoluteUri, out string? document)
            ? new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(document, Encoding.UTF8, "application/json") }
            : new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}
