namespace CloudPbx.Net.Sockets;

/// <summary>What an <see cref="EpollLoop"/> calls, always on its own thread.</summary>
public interface IEpollHandler
{
    /// <summary>
    /// A descriptor is readable. Read a bounded number of datagrams and return: the loop comes back while there is more.
    /// </summary>
    /// <param name="tag">The number given at registration: which of the handler's descriptors it is.</param>
    void Readable(int tag);
}
