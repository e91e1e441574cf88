using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Load.Sockets;

/// <summary>A UDP socket that reads and writes up to <see cref="Batch"/> datagrams with one system call, so that the generator costs less than what it loads.</summary>
/// <remarks>Allocation-free after its making; for one thread.</remarks>
internal sealed unsafe class BatchSocket : IDisposable
{
    public const int Batch = 64;
    public const int MaximumDatagram = 4096;
    private const int KernelBuffer = 4 << 20;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly int _descriptor;
    private readonly Side _in, _out;
    private int _queued;

    /// <summary>Binds the socket.</summary>
    /// <param name="address">An address of loopback, which is 127.0.0.1 where none is given.</param>
    public BatchSocket(IPAddress? address = null)
    {
        _socket.ReceiveBufferSize = KernelBuffer;
        _socket.SendBufferSize = KernelBuffer;
        _socket.Bind(new IPEndPoint(address ?? IPAddress.Loopback, 0));
        _descriptor = (int)_socket.Handle;
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
        _in = new Side();
        _out = new Side();
    }

    public int Port { get; }

    public int Descriptor => _descriptor;

    /// <summary>Datagrams that the kernel did not take.</summary>
    public long Refused { get; private set; }

    /// <summary>Takes what waits.</summary>
    /// <param name="wait">Whether to wait for the first one.</param>
    /// <returns>How many; 0 when none waits, or the socket was closed.</returns>
    public int Receive(bool wait = false)
    {
        for (int i = 0; i < Batch; i++)
        {
            _in.Slices[i].Length = MaximumDatagram;
            _in.Headers[i].NameLength = (uint)sizeof(UdpAddress);
        }
        return Math.Max(0, Posix.recvmmsg(_descriptor, _in.Headers, Batch, wait ? Posix.WaitForOne : Posix.DontWait, null));
    }

    /// <summary>One of those that <see cref="Receive"/> took; valid until the next call.</summary>
    public ReadOnlySpan<byte> Received(int index, out UdpAddress from)
    {
        from = _in.Names[index];
        return new ReadOnlySpan<byte>(_in.Slices[index].Start, (int)_in.Headers[index].Length);
    }

    /// <summary>Room for the next datagram; flushes where there is none.</summary>
    public Span<byte> Room()
    {
        if (_queued == Batch)
            Flush();
        return new Span<byte>(_out.Slices[_queued].Start, MaximumDatagram);
    }

    /// <summary>Queues what was written to <see cref="Room"/>.</summary>
    public void Queue(int length, in UdpAddress to)
    {
        _out.Slices[_queued].Length = (nuint)length;
        _out.Names[_queued] = to;
        _out.Headers[_queued].NameLength = to.Length;
        _queued++;
    }

    /// <summary>Sends what is queued.</summary>
    public void Flush()
    {
        int sent = 0;
        while (sent < _queued)
        {
            int now = Posix.sendmmsg(_descriptor, _out.Headers + sent, (uint)(_queued - sent), 0);
            if (now <= 0)
            {
                Refused++;
                sent++;                 // this one is lost, as datagrams may be
            }
            else
            {
                sent += now;
            }
        }
        _queued = 0;
    }

    /// <summary>Ends a <see cref="Receive"/> that waits on another thread.</summary>
    public void Interrupt()
    {
        using Socket waker = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        waker.SendTo([0], new IPEndPoint(IPAddress.Loopback, Port));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _in.Free();
        _out.Free();
    }

    private sealed class Side
    {
        public readonly Posix.MessageHeader* Headers = (Posix.MessageHeader*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(Posix.MessageHeader));
        public readonly Posix.Slice* Slices = (Posix.Slice*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(Posix.Slice));
        public readonly UdpAddress* Names = (UdpAddress*)NativeMemory.AllocZeroed(Batch, (nuint)sizeof(UdpAddress));
        private readonly byte* _octets = (byte*)NativeMemory.AllocZeroed(Batch, MaximumDatagram);

        public Side()
        {
            for (int i = 0; i < Batch; i++)
            {
                Slices[i] = new Posix.Slice { Start = _octets + (i * MaximumDatagram), Length = MaximumDatagram };
                Headers[i] = new Posix.MessageHeader { Name = Names + i, NameLength = (uint)sizeof(UdpAddress), Slices = Slices + i, SliceCount = 1 };
            }
        }

        public void Free()
        {
            NativeMemory.Free(Headers);
            NativeMemory.Free(Slices);
            NativeMemory.Free(Names);
            NativeMemory.Free(_octets);
        }
    }
}
