using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CloudPbx.Api.Webhooks;

/// <summary>Judges where a webhook is to go, when it is made and again at each connection: the address that was judged is the one that is connected to (SECURITY.md S27).</summary>
internal sealed class WebhookTargets(TargetPolicy policy, ITargetNames names, IOptions<WebhookOptions> options)
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
        return IPAddress.TryParse(url.IdnHost, out IPAddress? address) && !policy.Allows(address) ? Inside : null;
    }

    /// <summary>What is wrong with where a URL leads now, or null. A name that nobody knows yet may be known later.</summary>
    public async Task<string?> FaultAsync(Uri url, CancellationToken cancel)
    {
        try
        {
            return (await names.FindAsync(url.IdnHost, cancel)).All(policy.Allows) ? null : Inside;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Connects to one of a host's addresses that may be connected to.</summary>
    /// <exception cref="TargetRefusedException">There is none.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        IPAddress[] allowed = [.. (await names.FindAsync(context.DnsEndPoint.Host, cancel)).Where(policy.Allows)];
        if (allowed.Length == 0)
            throw new TargetRefusedException();
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
