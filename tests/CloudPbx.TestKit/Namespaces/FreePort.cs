using System.Net;
using System.Net.Sockets;

namespace CloudPbx.TestKit.Namespaces;

/// <summary>Ports for programs that cannot take "any". They are below those of media nodes and those that the kernel gives to whoever opens a socket: such a one may be taken before its program starts.</summary>
public static class FreePort
{
    /// <summary>A loopback port that is free for TCP now.</summary>
    public static int Tcp() => Find(port => Try(SocketType.Stream, ProtocolType.Tcp, port));

    /// <summary>A loopback port that is free for UDP now.</summary>
    public static int Udp() => Find(port => Try(SocketType.Dgram, ProtocolType.Udp, port));

    /// <summary>A port that is free for UDP and TCP, and so is the next: baresip listens for TLS one above.</summary>
    public static int Pair() => Find(port =>
    {
        for (int place = port; place <= port + 1; place++)
        {
            Try(SocketType.Stream, ProtocolType.Tcp, place);
            Try(SocketType.Dgram, ProtocolType.Udp, place);
        }
    });

    private static int Find(Action<int> tryAll)
    {
        for (int attempt = 0; attempt < 200; attempt++)
        {
            int port = Random.Shared.Next(10_000, 19_999);
            try
            {
                tryAll(port);
                return port;
            }
            catch (SocketException)
            {
                // It is taken: try another.
            }
        }
        throw new InvalidOperationException("no free port");
    }

    private static void Try(SocketType type, ProtocolType protocol, int port)
    {
        using Socket socket = new(AddressFamily.InterNetwork, type, protocol);
        socket.Bind(new IPEndPoint(IPAddress.Any, port));
    }
}
