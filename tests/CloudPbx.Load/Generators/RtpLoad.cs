using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CloudPbx.Load.Sockets;

namespace CloudPbx.Load.Generators;

/// <summary>
/// Both parties of many calls: a socket and a port each, a packet of 20 ms of G.711 every 20 ms, spread evenly over time. A unit is a packet
/// that arrived.
/// </summary>
internal sealed unsafe class RtpLoad : IDisposable
{
    private const int PacketMilliseconds = 20, HeaderLength = 12, PayloadLength = 160, ReadAhead = 4;
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(500);

    private readonly Party[] _parties;

    /// <summary>Opens the parties' ports.</summary>
    /// <param name="calls">Two parties each: party 2·i and its partner 2·i+1.</param>
    public RtpLoad(int calls) =>
        _parties = [.. Enumerable.Range(0, 2 * calls).Select(index => new Party(index))];

    /// <summary>Parties in all.</summary>
    public int Count => _parties.Length;

    /// <summary>Where a party is.</summary>
    public int PortOf(int party) => _parties[party].Port;

    /// <summary>Where a party sends to, and from where alone it hears.</summary>
    public void Connect(int party, int port) => _parties[party].Socket.Connect(IPAddress.Loopback, port);

    /// <summary>Sends and receives on a thread of its own.</summary>
    public Task<LoadOutcome> RunAsync(TimeSpan time) =>
        Task.Factory.StartNew(() => Run(time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public void Dispose()
    {
        foreach (Party party in _parties)
            party.Dispose();
    }

    private LoadOutcome Run(TimeSpan time)
    {
        byte* packet = stackalloc byte[HeaderLength + PayloadLength];
        new Span<byte>(packet, HeaderLength + PayloadLength).Fill(0xD5);        // A-law silence
        packet[0] = 0x80;
        packet[1] = 8;
        byte* octets = stackalloc byte[ReadAhead * 2048];
        Posix.Slice* slices = stackalloc Posix.Slice[ReadAhead];
        Posix.MessageHeader* headers = stackalloc Posix.MessageHeader[ReadAhead];
        for (int i = 0; i < ReadAhead; i++)
        {
            slices[i] = new Posix.Slice { Start = octets + (i * 2048), Length = 2048 };
            headers[i] = new Posix.MessageHeader { Slices = slices + i, SliceCount = 1 };
        }
        foreach (Party party in _parties)
            _ = Drain(party, headers);          // what came too late for an earlier run
        long sent = 0, received = 0, start = Pacer.Now, ticks = (long)time.TotalMilliseconds;
        for (long tick = 0; tick < ticks; tick++)
        {
            SleepUntil(start + (tick * 1_000_000));
            for (int i = (int)(tick % PacketMilliseconds); i < _parties.Length; i += PacketMilliseconds)
            {
                Party party = _parties[i];
                received += Drain(party, headers);
                BinaryPrimitives.WriteUInt16BigEndian(new Span<byte>(packet + 2, 2), party.Sequence++);
                BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(packet + 4, 4), party.Timestamp += 8 * PacketMilliseconds);
                BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(packet + 8, 4), party.Ssrc);
                _ = Posix.send(party.Descriptor, packet, HeaderLength + PayloadLength, Posix.DontWait | Posix.NoSignal);
                sent++;
            }
        }
        long end = Pacer.Now + (long)s_grace.TotalNanoseconds;
        while (received < sent && Pacer.Now < end)
        {
            Thread.Sleep(20);
            foreach (Party party in _parties)
                received += Drain(party, headers);
        }
        return new LoadOutcome(sent, received, 0, received, 0, 0, 0);
    }

    private static int Drain(Party party, Posix.MessageHeader* headers)
    {
        int packets = 0;
        while (true)
        {
            int now = Posix.recvmmsg(party.Descriptor, headers, ReadAhead, Posix.DontWait, null);
            for (int i = 0; i < now; i++)
                packets += IsRtp(headers[i]) ? 1 : 0;
            if (now < ReadAhead)
                return packets;
        }
    }

    // RTCP has packet types 192 to 223, where RTP has its marker and payload type (RFC 5761 §4).
    private static bool IsRtp(in Posix.MessageHeader header) =>
        header.Length >= HeaderLength && header.Slices->Start[0] >> 6 == 2 && header.Slices->Start[1] is not (>= 192 and <= 223);

    private static void SleepUntil(long due)
    {
        long wait = due - Pacer.Now;
        if (wait <= 0)
            return;
        Posix.TimeSpec time = Posix.TimeSpec.Of(wait);
        _ = Posix.ppoll(null, 0, &time, null);
    }

    private sealed class Party : IDisposable
    {
        public readonly Socket Socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        public readonly int Descriptor, Port;
        public readonly uint Ssrc;
        public ushort Sequence = 100;
        public uint Timestamp;

        public Party(int index)
        {
            Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Descriptor = (int)Socket.Handle;
            Port = ((IPEndPoint)Socket.LocalEndPoint!).Port;
            Ssrc = 0x10000000u + (uint)index;
        }

        public void Dispose() => Socket.Dispose();
    }
}
