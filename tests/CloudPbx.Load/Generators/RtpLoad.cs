using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using CloudPbx.Load.Measuring;
using CloudPbx.Load.Sockets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Load.Generators;

/// <summary>
/// Both parties of many calls: a socket and a port each, a packet of 20 ms every 20 ms, spread evenly over time. A unit is a packet
/// that arrived.
/// </summary>
internal sealed unsafe class RtpLoad : IDisposable
{
    private const int PacketMilliseconds = 20, HeaderLength = 12, MostOctets = 1500, ReadAhead = 4, ControlLength = 64, StampLength = sizeof(long);
    private static readonly TimeSpan s_grace = TimeSpan.FromMilliseconds(500);

    private readonly Party[] _parties;
    private readonly bool _isTimed;

    /// <summary>Opens the parties' ports.</summary>
    /// <param name="calls">Two parties each: party 2·i and its partner 2·i+1.</param>
    /// <param name="caller">What the even ones speak; null: A-law.</param>
    /// <param name="called">What the others speak.</param>
    /// <param name="isEncrypted">Whether the even ones encrypt.</param>
    /// <param name="isTimed">Whether <see cref="Lateness"/> is measured.</param>
    public RtpLoad(int calls, Voice? caller = null, Voice? called = null, bool isEncrypted = false, bool isTimed = false)
    {
        _isTimed = isTimed;
        Voice[] voices = [caller ?? Voice.Pcma, called ?? Voice.Pcma];
        _parties = [.. Enumerable.Range(0, 2 * calls).Select(index => new Party(index, voices[index % 2], isEncrypted && index % 2 == 0, isTimed))];
    }

    /// <summary>How late the packets of the last run came, in microseconds: after they were sent, or, where they are no longer those that were sent, after the fastest one on the grid of their time stamps.</summary>
    public Latencies Lateness { get; private set; } = new();

    /// <summary>Parties in all.</summary>
    public int Count => _parties.Length;

    /// <summary>Where a party is.</summary>
    public int PortOf(int party) => _parties[party].Port;

    /// <summary>A party's SDES key and salt; null where it sends in clear.</summary>
    public byte[]? KeyOf(int party) => _parties[party].Key;

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
        if (_isTimed)
            Cores.PutFirst();
        byte* packet = stackalloc byte[MostOctets];
        byte* octets = stackalloc byte[ReadAhead * 2048];
        byte* control = stackalloc byte[ReadAhead * ControlLength];
        Posix.Slice* slices = stackalloc Posix.Slice[ReadAhead];
        Posix.MessageHeader* headers = stackalloc Posix.MessageHeader[ReadAhead];
        for (int i = 0; i < ReadAhead; i++)
        {
            slices[i] = new Posix.Slice { Start = octets + (i * 2048), Length = 2048 };
            headers[i] = new Posix.MessageHeader { Slices = slices + i, SliceCount = 1, Control = _isTimed ? control + (i * ControlLength) : null };
        }
        foreach (Party party in _parties)
        {
            _ = Drain(party, headers);          // what came too late for an earlier run
            party.Fastest = long.MaxValue;
            party.Arrivals.Clear();
        }
        Lateness = new Latencies();
        long sent = 0, received = 0, start = Pacer.Now, ticks = (long)time.TotalMilliseconds;
        for (long tick = 0; tick < ticks; tick++)
        {
            SleepUntil(start + (tick * 1_000_000));
            for (int i = (int)(tick % PacketMilliseconds); i < _parties.Length; i += PacketMilliseconds)
            {
                Party party = _parties[i];
                received += Drain(party, headers);
                int length = Next(party, new Span<byte>(packet, MostOctets));
                _ = Posix.send(party.Descriptor, packet, (nuint)length, Posix.DontWait | Posix.NoSignal);
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
        foreach (Party party in _parties)
            foreach (long arrival in party.Arrivals)
                Lateness.Add((arrival - (party.Fastest == long.MaxValue ? 0 : party.Fastest)) / 1000);
        return new LoadOutcome(sent, received, 0, received, 0, 0, 0);
    }

    private int Next(Party party, Span<byte> packet)
    {
        byte[] payload = party.Voice.Payloads[party.Sequence % party.Voice.Payloads.Count];
        packet[0] = 0x80;
        packet[1] = party.Voice.PayloadType;
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], party.Sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(packet[4..], party.Timestamp += party.Voice.Ticks);
        BinaryPrimitives.WriteUInt32BigEndian(packet[8..], party.Ssrc);
        payload.CopyTo(packet[HeaderLength..]);
        if (_isTimed)
            BinaryPrimitives.WriteInt64BigEndian(packet[HeaderLength..], Posix.WallClock());
        int length = HeaderLength + payload.Length;
        return party.Crypto is { } crypto && crypto.ProtectRtp(packet, length, out int secured) == SrtpError.None ? secured : length;
    }

    private int Drain(Party party, Posix.MessageHeader* headers)
    {
        int packets = 0;
        while (true)
        {
            for (int i = 0; _isTimed && i < ReadAhead; i++)
                headers[i].ControlLength = ControlLength;           // the kernel writes how much it used
            int now = Posix.recvmmsg(party.Descriptor, headers, ReadAhead, Posix.DontWait, null);
            for (int i = 0; i < now; i++)
            {
                if (!IsRtp(headers[i]))
                    continue;
                packets++;
                if (_isTimed)
                    Time(party, headers[i]);
            }
            if (now < ReadAhead)
                return packets;
        }
    }

    /// <summary>A relayed packet says when it was sent; a mixed one is compared with the fastest one of its party, by the RTP time stamps.</summary>
    private static void Time(Party party, in Posix.MessageHeader header)
    {
        long arrival = Posix.StampOf(header);
        if (arrival == 0 || header.Length < HeaderLength + StampLength)
            return;
        ReadOnlySpan<byte> packet = new(header.Slices->Start, (int)header.Length);
        long sent = BinaryPrimitives.ReadInt64BigEndian(packet[HeaderLength..]);
        if (Math.Abs(arrival - sent) < 10_000_000_000)
        {
            party.Arrivals.Add(arrival - sent);
            return;
        }
        // The grid of the sender: its time stamps, which wrap in two days, from the first one of the run.
        uint stamp = BinaryPrimitives.ReadUInt32BigEndian(packet[4..]);
        if (party.Fastest == long.MaxValue)
            (party.FirstStamp, party.FirstArrival) = (stamp, arrival);
        long late = arrival - party.FirstArrival - ((long)unchecked((int)(stamp - party.FirstStamp)) * 125_000);
        party.Fastest = Math.Min(party.Fastest, late);
        party.Arrivals.Add(late);
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
        public readonly Voice Voice;
        public readonly byte[]? Key;
        public readonly SrtpContext? Crypto;
        public readonly List<long> Arrivals = [];
        public ushort Sequence = 100;
        public uint Timestamp, FirstStamp;
        public long Fastest = long.MaxValue, FirstArrival;

        public Party(int index, Voice voice, bool isEncrypted, bool isTimed)
        {
            Socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            Descriptor = (int)Socket.Handle;
            Port = ((IPEndPoint)Socket.LocalEndPoint!).Port;
            Ssrc = 0x10000000u + (uint)index;
            Voice = voice;
            if (isTimed)
                Posix.Stamp(Descriptor);
            if (!isEncrypted)
                return;
            Key = RandomNumberGenerator.GetBytes(SrtpProfile.AesCm128HmacSha1Tag80.KeySaltLength());
            Crypto = SrtpContext.FromKeySalt(SrtpProfile.AesCm128HmacSha1Tag80, Key);
        }

        public void Dispose()
        {
            Socket.Dispose();
            Crypto?.Dispose();
        }
    }
}
