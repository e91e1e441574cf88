using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>A non-blocking UDP socket by its bare descriptor: a packet in or out is one system call and no allocation.</summary>
/// <remarks>
/// Owns the descriptor. Receiving belongs to one thread (an <see cref="EpollLoop"/>); sending is safe from any. Not finalised: who opens
/// it disposes of it, since a descriptor that closes by itself could already be another socket's number.
/// </remarks>
public sealed unsafe class UdpSocket : IDisposable
{
    private int _descriptor;

    private UdpSocket(int descriptor, UdpAddress local)
    {
        _descriptor = descriptor;
        Local = local;
    }

    /// <summary>Where it is bound; the port is the real one.</summary>
    public UdpAddress Local { get; }

    /// <summary>The file descriptor; -1 once disposed of.</summary>
    internal int Descriptor => _descriptor;

    /// <summary>Under which number the loop that watches it has it registered with the kernel; -1 for none. The loop's.</summary>
    internal int LoopPlace { get; set; } = -1;

    /// <summary>Opens and binds a socket.</summary>
    /// <param name="address">A local address, or the any-address of a family.</param>
    /// <param name="port">0 lets the kernel choose.</param>
    /// <param name="socket">The socket, or null.</param>
    /// <returns><see cref="SocketError.Success"/>, or why not: a taken port is <see cref="SocketError.AddressAlreadyInUse"/>, a full
    /// descriptor table <see cref="SocketError.TooManyOpenSockets"/>.</returns>
    public static SocketError TryOpen(IPAddress address, int port, out UdpSocket? socket)
    {
        socket = null;
        var local = new UdpAddress(address, port);
        int descriptor = Libc.socket(local.Family, Libc.SockDgram | Libc.SockNonBlock | Libc.SockCloExec, 0);
        if (descriptor < 0)
            return ToError(Marshal.GetLastPInvokeError());
        if (local.Family == Libc.AfInet6)
            SetOption(descriptor, Libc.IpProtoIpv6, Libc.Ipv6V6Only, 1);
        uint length = local.Length;
        if (Libc.bind(descriptor, &local, length) < 0 || Libc.getsockname(descriptor, &local, &length) < 0)
        {
            SocketError error = ToError(Marshal.GetLastPInvokeError());
            _ = Libc.close(descriptor);
            return error;
        }
        socket = new UdpSocket(descriptor, local);
        return SocketError.Success;
    }

    /// <summary>The local address that the routing table would use towards a peer. Sends nothing.</summary>
    /// <returns>Null when there is no route.</returns>
    public static IPAddress? SourceTowards(IPAddress peer)
    {
        var target = new UdpAddress(peer, 9); // any port: connect() of UDP only looks up the route
        int descriptor = Libc.socket(target.Family, Libc.SockDgram | Libc.SockCloExec, 0);
        if (descriptor < 0)
            return null;
        UdpAddress local = default;
        uint length = target.Length;
        bool found = Libc.connect(descriptor, &target, length) == 0 && Libc.getsockname(descriptor, &local, &length) == 0;
        _ = Libc.close(descriptor);
        return found ? local.Address : null;
    }

    /// <summary>Marks what is sent for expedited forwarding (RFC 4594 §4.1) and sizes the receive buffer. Best effort.</summary>
    /// <param name="trafficClass">The DS field, for example 0xB8 for EF.</param>
    /// <param name="receiveBufferBytes">Octets the kernel may queue; it caps them at net.core.rmem_max.</param>
    public void Tune(int trafficClass, int receiveBufferBytes)
    {
        bool v6 = Local.Family == Libc.AfInet6;
        SetOption(_descriptor, v6 ? Libc.IpProtoIpv6 : Libc.IpProtoIp, v6 ? Libc.Ipv6TClass : Libc.IpTos, trafficClass);
        SetOption(_descriptor, Libc.SolSocket, Libc.SoRcvBuf, receiveBufferBytes);
    }

    /// <summary>Takes one datagram.</summary>
    /// <param name="buffer">What does not fit is cut off.</param>
    /// <param name="from">The sender.</param>
    /// <returns>Octets received, 0 included; -1 when none waits, or for an error of an earlier send: epoll tells then that there is more.</returns>
    public int TryReceive(Span<byte> buffer, out UdpAddress from)
    {
        from = default;
        uint length = (uint)sizeof(UdpAddress);
        fixed (byte* octets = buffer)
        fixed (UdpAddress* address = &from)
            return (int)Libc.recvfrom(_descriptor, octets, (nuint)buffer.Length, 0, address, &length);
    }

    /// <summary>Sends one datagram.</summary>
    /// <returns>False when the kernel did not take it (full queue, no route): the packet is lost, as packets may be.</returns>
    public bool TrySend(ReadOnlySpan<byte> datagram, in UdpAddress to) => TrySend(_descriptor, datagram, to);

    internal static bool TrySend(int descriptor, ReadOnlySpan<byte> datagram, in UdpAddress to)
    {
        fixed (byte* octets = datagram)
        fixed (UdpAddress* address = &to)
            return Libc.sendto(descriptor, octets, (nuint)datagram.Length, 0, address, address->Length) == datagram.Length;
    }

    /// <summary>Closes the descriptor. Remove it from its loop first.</summary>
    public void Dispose()
    {
        int descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
            _ = Libc.close(descriptor);
    }

    private static void SetOption(int descriptor, int level, int name, int value) =>
        _ = Libc.setsockopt(descriptor, level, name, &value, sizeof(int));

    private static SocketError ToError(int number) => number switch
    {
        Libc.EAddrInUse => SocketError.AddressAlreadyInUse,
        Libc.EAddrNotAvail => SocketError.AddressNotAvailable,
        23 or 24 => SocketError.TooManyOpenSockets, // ENFILE, EMFILE
        97 => SocketError.AddressFamilyNotSupported,
        13 => SocketError.AccessDenied,
        _ => SocketError.SocketError,
    };
}
