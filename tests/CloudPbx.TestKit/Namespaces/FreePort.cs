using System.Net;
using System.Net.Sockets;

namespace CloudPbx.TestKit.Namespaces;

/// <summary>Ports for programs that cannot take "any": asked from the kernel, given back at once.</summary>
public static class FreePort
{
    /// <summary>A loopback port that is free for TCP now.</summary>
    public static int Tcp() => Ask(SocketType.Stream, ProtocolType.Tcp, 0);

    /// <summary>A loopback port that is free for UDP now.</summary>
    public static int Udp() => Ask(SocketType.Dgram, ProtocolType.Udp, 0);

    /// <summary>A port that is free for UDP and TCP, and so is the next: baresip listens for TLS one above.</summary>
    public static int Pair()
    {
        for (int attempt = 0; attempt < 200; attempt++)
        {
            try
            {
                // The system hands out odd ports to listeners and even ones to connections: after a load of many thousand of these all neighbours are taken there.
                int port = Ask(SocketType.Stream, ProtocolType.Tcp, attempt < 20 ? 0 : Random.Shared.Next(18_000, 32_000));
                if (port > 65000) continue;
                Ask(SocketType.Dgram, ProtocolType.Udp, port);
                Ask(SocketType.Stream, ProtocolType.Tcp, port + 1);
                Ask(SocketType.Dgram, ProtocolType.Udp, port + 1);
                return port;
            }
            catch (SocketException)
            {
                // One of the four is taken: try another.
            }
        }
        throw new InvalidOperationException("no two free ports beside each other");
    }

    private static int Ask(SocketType type, ProtocolType protocol, int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
