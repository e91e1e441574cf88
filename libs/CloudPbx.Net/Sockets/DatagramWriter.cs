using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>Told of a datagram that the system refused.</summary>
/// <param name="datagram">Its octets, valid during the call only.</param>
public delegate void DatagramRefused(ReadOnlySpan<byte> datagram);

/// <summary>
/// Sends the datagrams that one thread queued within a <see cref="WriteBatch"/> by one system call (sendmmsg) at the batch's end: that saves the calls, and whoever
/// reads at the other end of a fast network is woken once for all of them.
/// </summary>
/// <remarks>
/// Thread-safe: each thread has a writer of its own, with memory for <see cref="Capacity"/> datagrams; what it queued for another socket, or beyond that, leaves at once.
/// </remarks>
public sealed unsafe class DatagramWriter : IBatchedWrite
{
    private const int Capacity = 32;
    private const int Room = 64 * 1024;
    private const int LongestQueued = Room / 8;             // longer ones are few, and would push the others out

    [ThreadStatic] private static DatagramWriter? t_own;

    // Pinned: the kernel is given their addresses. The collector has them when the thread has ended.
    private readonly byte[] _octets = GC.AllocateUninitializedArray<byte>(Room, pinned: true);
    private readonly byte[] _names = GC.AllocateArray<byte>(Capacity * InternetEndPoint.MaxSocketAddressLength, pinned: true);
    private readonly Libc.IoVector[] _vectors = GC.AllocateArray<Libc.IoVector>(Capacity, pinned: true);
    private readonly Libc.MessageHeader[] _messages = GC.AllocateArray<Libc.MessageHeader>(Capacity, pinned: true);
    private Socket? _socket;
    private DatagramRefused? _refused;
    private bool _isWriting;
    private int _count;
    private int _length;

    private DatagramWriter()
    {
        byte* names = Address(_names);
        Libc.IoVector* vectors = Address(_vectors);
        for (int i = 0; i < Capacity; i++)
            _messages[i] = new Libc.MessageHeader { Name = names + (i * InternetEndPoint.MaxSocketAddressLength), Vectors = vectors + i, VectorCount = 1 };
    }

    /// <summary>Queues a datagram, where this thread is inside a batch.</summary>
    /// <param name="socket">A bound UDP socket that is used by blocking calls only.</param>
    /// <param name="datagram">Copied.</param>
    /// <param name="remote">Where to; an IPv4 end point by an IPv6 socket is a mapped address.</param>
    /// <param name="refused">Told when the system refuses one of this socket's, on this thread; must not throw. Always the same for a socket.</param>
    /// <returns>False outside a batch, for a datagram that is long, or for an IPv6 end point by an IPv4 socket: it is not queued.</returns>
    public static bool TryQueue(Socket socket, ReadOnlySpan<byte> datagram, in InternetEndPoint remote, DatagramRefused? refused = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        return WriteBatch.IsOpen && datagram.Length <= LongestQueued && (t_own ??= new DatagramWriter()).TryAdd(socket, datagram, remote, refused);
    }

    /// <summary>Sends what this thread has queued, so that what is sent next does not overtake it.</summary>
    public static void Flush() => ((IBatchedWrite?)t_own)?.WriteNow();

    void IBatchedWrite.WriteNow()
    {
        if (_count == 0 || _isWriting)
            return;
        _isWriting = true;
        try
        {
            Send(_socket!.SafeHandle);
        }
        catch (ObjectDisposedException)
        {
            // The socket was closed: they are lost with it.
        }
        finally
        {
            (_socket, _refused, _count, _length, _isWriting) = (null, null, 0, 0, false);
        }
    }

    private bool TryAdd(Socket socket, ReadOnlySpan<byte> datagram, in InternetEndPoint remote, DatagramRefused? refused)
    {
        if (_isWriting)
            return false;                                   // whoever was told that one was refused says something in its turn
        if (_count == Capacity || _length + datagram.Length > Room || (_count > 0 && !ReferenceEquals(socket, _socket)))
            ((IBatchedWrite)this).WriteNow();
        Span<byte> name = _names.AsSpan(_count * InternetEndPoint.MaxSocketAddressLength, InternetEndPoint.MaxSocketAddressLength);
        int nameLength = remote.WriteTo(name, socket.AddressFamily);
        if (nameLength == 0)
            return false;
        datagram.CopyTo(_octets.AsSpan(_length));
        _vectors[_count] = new Libc.IoVector { Base = Address(_octets) + _length, Length = (nuint)datagram.Length };
        _messages[_count].NameLength = (uint)nameLength;
        if (_count == 0)
            WriteBatch.Add(this);
        _socket = socket;
        _refused = refused;
        _count++;
        _length += datagram.Length;
        return true;
    }

    // The kernel stops at one that it refuses, and says so when that is the first: it is left out.
    private void Send(SafeHandle socket)
    {
        Libc.MessageHeader* messages = Address(_messages);
        for (int sent = 0; sent < _count;)
        {
            int taken = Libc.sendmmsg(socket, messages + sent, (uint)(_count - sent), 0);
            if (taken > 0)
                sent += taken;
            else if (Marshal.GetLastPInvokeError() != Libc.EIntr)
                Refuse(_vectors[sent++]);
        }
    }

    private void Refuse(in Libc.IoVector datagram) => _refused?.Invoke(new ReadOnlySpan<byte>(datagram.Base, (int)datagram.Length));

    private static T* Address<T>(T[] pinned)
        where T : unmanaged => (T*)Marshal.UnsafeAddrOfPinnedArrayElement(pinned, 0);
}
