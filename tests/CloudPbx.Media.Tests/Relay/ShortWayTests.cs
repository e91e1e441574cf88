using System.Net;
using System.Net.Sockets;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;

namespace CloudPbx.Media.Tests.Relay;

public sealed unsafe class ShortWayTests : IDisposable
{
    private const int Length = 172;
    private const uint Ssrc = 7;

    private readonly StreamStates _states = new(4);
    private readonly PacketLoop _loop = PacketLoop.Create(PacketBackEnd.Epoll, "test", _ => { }, TimeSpan.Zero, out _);
    private readonly LoopCounters _counters = new();
    private readonly UdpSocket _out = Open(), _peer = Open();
    private readonly UdpAddress _from = new(IPAddress.Loopback, 4000);
    private readonly byte[] _packet = new byte[Length + PacketLoop.Room];
    private readonly StreamState* _speaker, _hearer;

    public ShortWayTests()
    {
        _speaker = _states[_states.Take()];
        _hearer = _states[_states.Take()];
        (_speaker->Number, _speaker->Head, _speaker->HeardClockRate, _speaker->HearersType) = (1, ShortWay.HeadOf(8), 8000, 9);
        _speaker->Source.Apply(new SourceRules(_from, default, Learn: false, Strict: false));
        _hearer->Source.Apply(new SourceRules(_peer.Local, default, Learn: false, Strict: false));
        Assert.True(_speaker->Source.Accept(_from, Ssrc, 99, authenticated: false, 0));
        Assert.True(_hearer->Source.Accept(_peer.Local, 1, 1, authenticated: false, 0));
        _speaker->Received = new(Ssrc, probation: 0);
        _speaker->Received.Add(99, 0, 0);
        _hearer->Outgoing = new OutgoingSequence(11, 500, 0);
        _hearer->ClockRate = 8000;
        _hearer->Socket = _loop.HandleOf(_out);
        _speaker->Hearer = _hearer;
    }

    public void Dispose()
    {
        _loop.Dispose();
        _out.Dispose();
        _peer.Dispose();
        _states.Dispose();
    }

    [Fact]
    public void The_next_packet_of_a_talk_goes_to_its_hearer_and_is_counted()
    {
        Assert.True(TryPass(Packet(100, 160)));
        Assert.True(TryPass(Packet(101, 320)));
        byte[] heard = new byte[200];
        Assert.Equal(Length, _peer.TryReceive(heard, out UdpAddress from));
        Assert.Equal(_out.Local, from);
        Assert.Equal(RtpParseError.None, RtpPacket.Parse(heard.AsSpan(0, Length), out RtpPacket first));
        Assert.Equal((9, true, 501, 11u), (first.PayloadType, first.Marker, first.SequenceNumber, first.Ssrc));
        uint timestamp = first.Timestamp;
        Assert.Equal(Length, _peer.TryReceive(heard, out _));
        Assert.Equal(RtpParseError.None, RtpPacket.Parse(heard.AsSpan(0, Length), out RtpPacket second));
        Assert.Equal((false, 502, timestamp + 160), (second.Marker, second.SequenceNumber, second.Timestamp));
        Assert.Equal((2L, 320L, 20, 1_000_000L), (_speaker->PacketsReceived, _speaker->OctetsReceived, _speaker->PtimeMilliseconds, _speaker->Heard));
        Assert.Equal((2L, 320L, 160u, true), (_hearer->PacketsSent, _hearer->OctetsSent, _hearer->SentTicks, _hearer->SentSinceReport));
        Assert.Equal((2L, 2L), (_counters.Received, _counters.Sent));
    }

    [Fact]
    public void A_number_that_wraps_is_the_next_one()
    {
        _speaker->Received = new(Ssrc, probation: 0);
        _speaker->Received.Add(0xFFFF, 0, 0);
        Assert.True(TryPass(Packet(0, 160)));
        Assert.Equal(0x1_0000u, _speaker->Received.Highest);
    }

    [Theory]
    [InlineData("nobody hears")]
    [InlineData("short")]
    [InlineData("another number")]
    [InlineData("twice")]
    [InlineData("another source")]
    [InlineData("another payload type")]
    [InlineData("padding")]
    [InlineData("extension")]
    [InlineData("contributing source")]
    [InlineData("another version")]
    [InlineData("stranger")]
    [InlineData("other port")]
    [InlineData("hearer unknown")]
    [InlineData("RTCP")]
    public void What_is_not_as_the_packet_before_it_goes_the_long_way_untouched(string what)
    {
        byte[] packet = Packet(100, 160);
        UdpAddress from = _from;
        int length = Length;
        switch (what)
        {
            case "nobody hears": _speaker->Hearer = null; break;
            case "short": length = 11; break;
            case "another number": packet = Packet(102, 160); break;
            case "twice": packet = Packet(99, 160); break;
            case "another source": packet[11]++; break;
            case "another payload type": packet[1] = 0; break;
            case "padding": packet[0] |= 0x20; break;
            case "extension": packet[0] |= 0x10; break;
            case "contributing source": packet[0] |= 1; break;
            case "another version": packet[0] = 0; break;
            case "stranger": from = new UdpAddress(IPAddress.Parse("127.0.0.2"), 4000); break;
            case "other port": from = new UdpAddress(IPAddress.Loopback, 4002); break;
            case "hearer unknown": _hearer->Source = default; break;
            case "RTCP": packet[1] = 200; break;
        }
        byte[] before = [.. packet];
        Assert.False(ShortWay.TryPass(_speaker, packet, length, from, 1_000_000, _loop, _counters));
        Assert.Equal(before, packet);
        Assert.Equal((0L, 99u, 0L, 0L), (_speaker->PacketsReceived, _speaker->Received.Highest, _hearer->PacketsSent, _counters.Received));
    }

    private bool TryPass(byte[] packet) => ShortWay.TryPass(_speaker, packet, Length, _from, 1_000_000, _loop, _counters);

    private byte[] Packet(ushort sequence, uint timestamp)
    {
        RtpHeader.Write(_packet, 8, marker: false, sequence, timestamp, Ssrc);
        return _packet;
    }

    private static UdpSocket Open() =>
        UdpSocket.TryOpen(IPAddress.Loopback, 0, out UdpSocket? socket) == SocketError.Success ? socket! : throw new InvalidOperationException("no socket");
}
