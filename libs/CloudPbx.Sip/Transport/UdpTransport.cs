using System.Net;
using System.Net.Sockets;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Sip.Transport;

/// <summary>Takes one datagram.</summary>
/// <param name="transport">The socket that it came to.</param>
/// <param name="datagram">Its octets, valid during the call only.</param>
/// <param name="remote">Where it came from.</param>
public delegate void DatagramReceiver(UdpTransport transport, ReadOnlySpan<byte> datagram, in InternetEndPoint remote);

/// <summary>One UDP socket, read by a thread of its own: blocking reads cost a third of asynchronous ones, and nothing is allocated for a datagram.
/// The datagrams of one read are one <see cref="WriteBatch"/>.</summary>
/// <remarks>Sending is thread-safe. The receiver is called on the socket's thread only.</remarks>
public sealed class UdpTransport : IDisposable
{
    private const int KernelBuffer = 4 * 1024 * 1024;

    [ThreadStatic] private static SocketAddress? s_target4;
    [ThreadStatic] private static SocketAddress? s_target6;

    private readonly Socket _socket;
    private readonly DatagramReceiver _receiver;
    private readonly Thread _thread;
    private volatile bool _disposed;

    /// <summary>Binds the socket. <see cref="Start"/> begins to read.</summary>
    /// <param name="local">Address and port; port 0 for any free one. An IPv6 address binds IPv6 only.</param>
    /// <param name="receiver">Called for each datagram; must not throw.</param>
    /// <param name="reusePort">Shares the port with other sockets of this user (SO_REUSEPORT on Linux).</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public UdpTransport(IPEndPoint local, DatagramReceiver receiver, bool reusePort = false)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(receiver);
        _receiver = receiver;
        _socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
                _socket.DualMode = false;
            if (reusePort && OperatingSystem.IsLinux())
                _socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));    // SOL_SOCKET, SO_REUSEPORT
            _socket.ReceiveBufferSize = KernelBuffer;                           // the kernel takes what its limit allows
            _socket.Bind(local);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
        Local = (IPEndPoint)_socket.LocalEndPoint!;
        _thread = new Thread(Receive) { IsBackground = true, Name = $"SIP UDP {Local}" };
    }

    /// <summary>The bound address and port.</summary>
    public IPEndPoint Local { get; }

    /// <summary>Told of a datagram that <see cref="TrySendSoon"/> took and the system refused; must not throw. Set before the first is sent.</summary>
    public DatagramRefused? Refused { get; set; }

    /// <summary>Begins to read.</summary>
    public void Start() => _thread.Start();

    /// <summary>Sends one datagram.</summary>
    /// <param name="datagram">Its octets.</param>
    /// <param name="remote">Where to.</param>
    /// <returns>False when the system refuses: no route, another address family, too long.</returns>
    public bool TrySend(ReadOnlySpan<byte> datagram, in InternetEndPoint remote)
    {
        SocketAddress target = Local.AddressFamily == AddressFamily.InterNetwork
            ? s_target4 ??= new SocketAddress(AddressFamily.InterNetwork)
            : s_target6 ??= new SocketAddress(AddressFamily.InterNetworkV6);
        if (_disposed || !remote.TryWriteTo(target))
            return false;
        DatagramWriter.Flush();                             // what was said before is not overtaken
        try
        {
            return _socket.SendTo(datagram, SocketFlags.None, target) == datagram.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Sends one datagram; within a <see cref="WriteBatch"/> it leaves with the others at its end, and <see cref="Refused"/> hears it where the system refuses it then.</summary>
    /// <param name="datagram">Its octets; copied.</param>
    /// <param name="remote">Where to.</param>
    /// <returns>False when it is known already that it cannot be sent.</returns>
    public bool TrySendSoon(ReadOnlySpan<byte> datagram, in InternetEndPoint remote) =>
        (!_disposed && DatagramWriter.TryQueue(_socket, datagram, remote, Refused)) || TrySend(datagram, remote);

    /// <summary>Closes the socket and waits for its thread, unless called on it.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        DatagramReader.Unblock(_socket);
        _socket.Dispose();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
            _thread.Join(TimeSpan.FromSeconds(2));
    }

    private void Receive()
    {
        using var reader = new DatagramReader(_socket);
        try
        {
            while (!_disposed)
            {
                int count = reader.Receive();
                using WriteBatch.Scope batch = WriteBatch.Begin();
                for (int i = 0; i < count; i++)
                {
                    if (reader.TryGet(i, out ReadOnlySpan<byte> datagram, out InternetEndPoint remote))
                        _receiver(this, datagram, remote);
                }
            }
        }
        catch (ObjectDisposedException)
        {
            // The end.
        }
    }
}
