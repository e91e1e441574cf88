using System.Net;

namespace CloudPbx.Api.Webhooks;

/// <summary>Finds the addresses of a name.</summary>
internal interface ITargetNames
{
    /// <summary>Asks once.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">There are none, or nobody answers.</exception>
    Task<IPAddress[]> FindAsync(string host, CancellationToken cancel);
}
