using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>Reads a UDP socket by one blocking thread: one system call waits for a datagram and takes all that have queued up behind it (recvmmsg).</summary>
/// <remarks>
/// Owns its buffers, not the socket; used by one thread. What was read is valid until the next <see cref="Receive"/>. The buffers are address space: memory
/// is taken for the pages that datagrams really touch, one of each buffer in ordinary life.
/// </remarks>
public sealed unsafe class DatagramReader : IDisposable
{
    /// <summary>The longest datagram.</summary>
    public const int MaximumLength = 65535;

    private const int Capacity = 32;
    private const int Stride = MaximumLength + 1;

    private readonly Socket _socket;
    private ReadPacer _pacer = ReadPacer.Signalling;
    private readonly byte* _octets = (byte*)NativeMemory.Alloc(Capacity * Stride);
    private readonly byte* _names = (byte*)NativeMemory.AllocZeroed(Capacity * InternetEndPoint.MaxSocketAddressLength);
    private readonly Libc.IoVector* _vectors = (Libc.IoVector*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Libc.IoVector));
    private readonly Libc.MessageHeader* _messages = (Libc.MessageHeader*)NativeMemory.AllocZeroed(Capacity, (nuint)sizeof(Libc.MessageHeader));

    /// <summary>Makes a reader.</summary>
    /// <param name="socket">A bound UDP socket that is used by blocking calls only.</param>
    public DatagramReader(Socket socket)
    {
        _socket = socket;
        for (int i = 0; i < Capacity; i++)
        {
            _vectors[i] = new Libc.IoVector { Base = _octets + (i * Stride), Length = Stride };
            _messages[i] = new Libc.MessageHeader
            {
                Name = _names + (i * InternetEndPoint.MaxSocketAddressLength), Vectors = _vectors + i, VectorCount = 1,
            };
        }
    }

    /// <summary>Waits for datagrams.</summary>
    /// <returns>How many came; 0 after an ICMP answer to something that was sent, or when the socket was shut down (<see cref="Unblock"/>).</returns>
    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    public int Receive()
    {
        for (int i = 0; i < Capacity; i++)
            _messages[i].NameLength = InternetEndPoint.MaxSocketAddressLength;
        _pacer.Wait();
        int count = Libc.recvmmsg(_socket.SafeHandle, _messages, Capacity, Libc.MsgWaitForOne, null);
        _pacer.Took(wasFull: count == Capacity, hadSeveral: count > 1);
        return Math.Max(0, count);
    }

    /// <summary>Gives one of the datagrams that came.</summary>
    /// <param name="index">From 0.</param>
    /// <param name="datagram">Its octets.</param>
    /// <param name="remote">Where it came from.</param>
    /// <returns>False when it came from no internet address.</returns>
    public bool TryGet(int index, out ReadOnlySpan<byte> datagram, out InternetEndPoint remote)
    {
        ref readonly Libc.MessageHeader message = ref _messages[index];
        datagram = new ReadOnlySpan<byte>(message.Vectors->Base, (int)message.Length);
        return InternetEndPoint.TryFrom(new ReadOnlySpan<byte>(message.Name, (int)Math.Min(message.NameLength, InternetEndPoint.MaxSocketAddressLength)), out remote);
    }

    /// <summary>Ends the waiting of a reader's thread for good.</summary>
    public static void Unblock(Socket socket)
    {
        ArgumentNullException.ThrowIfNull(socket);
        _ = Libc.shutdown(socket.SafeHandle, Libc.ShutBoth);    // ENOTCONN, and the reader wakes all the same
    }

    /// <summary>Frees the buffers; the reading thread has ended.</summary>
    public void Dispose()
    {
        NativeMemory.Free(_octets);
        NativeMemory.Free(_names);
        NativeMemory.Free(_vectors);
        NativeMemory.Free(_messages);
    }
}
