using CloudPbx.Hosting.Web.Outbound;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Webhooks;

/// <summary>Judges where a webhook is to go, when it is made and again at each connection (SECURITY.md S27).</summary>
internal sealed class WebhookTargets(ITargetNames names, IOptions<WebhookOptions> options) : GuardedTargets(new TargetPolicy(options.Value.AllowedNetworks), names)
{
    private const string Inside = "Must be a public address: this one is inside a network. The operator may allow it by Webhooks:AllowedNetworks.";

    /// <summary>What is wrong with a URL by its looks, or null.</summary>
    public string? Fault(string text)
    {
        if (text.Length > 2000 || !Uri.TryCreate(text, UriKind.Absolute, out Uri? url) || url.Host.Length == 0 || url.HostNameType == UriHostNameType.Unknown)
            return "Must be a URL such as \"https://example.com/hook\".";
        if (url.Scheme != Uri.UriSchemeHttps && !(options.Value.AllowHttp && url.Scheme == Uri.UriSchemeHttp))
            return "Must begin with https://. The operator may allow http by Webhooks:AllowHttp.";
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            return "Must have no user, password and fragment: deliveries are signed instead.";
        return IsInside(url) ? Inside : null;
    }

    /// <summary>What is wrong with where a URL leads now, or null.</summary>
    public async Task<string?> FaultAsync(Uri url, CancellationToken cancel) => await LeadsInsideAsync(url, cancel) ? Inside : null;
}
