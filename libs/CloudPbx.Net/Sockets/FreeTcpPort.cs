using System.Net;
using System.Net.Sockets;

namespace CloudPbx.Net.Sockets;

/// <summary>A TCP port that nobody has, for what must be told its port before it listens.</summary>
public static class FreeTcpPort
{
    // Below what Linux gives to outgoing connections (ip_local_port_range): one of our own would have the port before its listener does, seconds later.
    private const int First = 20_000, End = 32_000;

    private const int Tries = 100;

    /// <summary>Looks for a port that is none of those that others of us will take but do not hold yet.</summary>
    /// <param name="others">Ports that are spoken for; 0 stands for "any" and is nobody's.</param>
    /// <param name="ask">What finds one; for tests.</param>
    public static int OtherThan(ReadOnlySpan<int> others, Func<int>? ask = null)
    {
        int port;
        do port = ask?.Invoke() ?? At(IPAddress.IPv6Any);
        while (others.Contains(port));
        return port;
    }

    /// <summary>A port that is free at an address now.</summary>
    /// <param name="address">Where it is to be listened at.</param>
    /// <exception cref="SocketException">The machine has no such address.</exception>
    public static int At(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            try
            {
                return Bind(address, Random.Shared.Next(First, End));
            }
            catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one.
            }
        }
        return Bind(address, 0);
    }

    private static int Bind(IPAddress address, int port)
    {
        // Of both families where the address is IPv6's "any".
        using Socket socket = address.AddressFamily == AddressFamily.InterNetworkV6 ? new(SocketType.Stream, ProtocolType.Tcp) : new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, port));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
