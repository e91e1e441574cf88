using System.Net;
using System.Net.Sockets;

namespace CloudPbx.AllInOne;

/// <summary>A TCP port that nobody has, for what must be told its port before it listens.</summary>
internal static class FreeTcpPort
{
    /// <summary>Asks the kernel for a port until it names one that is none of those that others of us will take but do not hold yet.</summary>
    /// <param name="others">Ports that are spoken for; 0 stands for "any" and is nobody's.</param>
    /// <param name="ask">What the kernel does; for tests.</param>
    public static int OtherThan(ReadOnlySpan<int> others, Func<int>? ask = null)
    {
        int port;
        do port = (ask ?? Ask)();
        while (others.Contains(port));
        return port;
    }

    private static int Ask()
    {
        using var free = new Socket(SocketType.Stream, ProtocolType.Tcp);
        free.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        return ((IPEndPoint)free.LocalEndPoint!).Port;
    }
}
