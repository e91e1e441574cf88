using System.Net.Sockets;

namespace CloudPbx.Hosting;

/// <summary>The file of a Unix socket that a process is about to listen on.</summary>
public static class UnixSocketFile
{
    /// <summary>Removes the file of a process that was killed; one that still answers is left, so that the start fails clearly.</summary>
    /// <param name="path">The socket's path.</param>
    public static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
        }
    }
}
