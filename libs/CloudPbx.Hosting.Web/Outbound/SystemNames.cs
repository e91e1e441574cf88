using System.Net;

namespace CloudPbx.Hosting.Web.Outbound;

/// <summary>Asks the machine's resolver.</summary>
public sealed class SystemNames : ITargetNames
{
    /// <inheritdoc/>
    public Task<IPAddress[]> FindAsync(string host, CancellationToken cancel) => Dns.GetHostAddressesAsync(host, cancel);
}
