using System.Net;

namespace CloudPbx.Api.Webhooks;

/// <summary>Asks the machine's resolver.</summary>
internal sealed class SystemNames : ITargetNames
{
    public Task<IPAddress[]> FindAsync(string host, CancellationToken cancel) => Dns.GetHostAddressesAsync(host, cancel);
}
