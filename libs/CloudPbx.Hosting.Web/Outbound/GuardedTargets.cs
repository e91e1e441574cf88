using System.Net;
using System.Net.Http;
using System.Net.Sockets;

namespace CloudPbx.Hosting.Web.Outbound;

/// <summary>Connects to hosts that others name, never inside a network of ours: the address that was judged is the one that is connected to (SECURITY.md S27).</summary>
/// <param name="policy">Which addresses will do.</param>
/// <param name="names">Finds the addresses of a name.</param>
public class GuardedTargets(TargetPolicy policy, ITargetNames names)
{
    /// <summary>Whether a host is an address, and one inside a network.</summary>
    /// <param name="url">Where somebody wants us to connect.</param>
    public bool IsInside(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return IPAddress.TryParse(url.IdnHost, out IPAddress? address) && !policy.Allows(address);
    }

    /// <summary>Whether a host leads inside a network now. A name that nobody knows yet may be known later.</summary>
    /// <param name="url">Where somebody wants us to connect.</param>
    /// <param name="cancel">Stops the wait.</param>
    public async Task<bool> LeadsInsideAsync(Uri url, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(url);
        try
        {
            return !(await names.FindAsync(url.IdnHost, cancel).ConfigureAwait(false)).All(policy.Allows);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Connects to one of a host's addresses that may be connected to.</summary>
    /// <param name="context">What the client wants.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <exception cref="TargetRefusedException">There is none.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(context);
        IPAddress[] allowed = [.. (await names.FindAsync(context.DnsEndPoint.Host, cancel).ConfigureAwait(false)).Where(policy.Allows)];
        if (allowed.Length == 0)
            throw new TargetRefusedException();
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, context.DnsEndPoint.Port, cancel).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
