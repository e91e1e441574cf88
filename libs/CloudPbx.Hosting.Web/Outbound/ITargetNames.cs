using System.Net;

namespace CloudPbx.Hosting.Web.Outbound;

/// <summary>Finds the addresses of a name.</summary>
public interface ITargetNames
{
    /// <summary>Asks once.</summary>
    /// <param name="host">The name, or an address.</param>
    /// <param name="cancel">Stops the wait.</param>
    /// <exception cref="System.Net.Sockets.SocketException">There are none, or nobody answers.</exception>
    Task<IPAddress[]> FindAsync(string host, CancellationToken cancel);
}
