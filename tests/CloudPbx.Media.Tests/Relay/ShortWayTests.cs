using System.Net;
using System.Net.Sockets;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Tests.Relay;

public sealed unsafe class ShortWayTests : IDisposable
{
    private const int Length = 172;
    private const uint Ssrc = 7;

    private readonly StreamStates _states = new(4);
    private readonly PacketLoop _loop = PacketLoop.Create(PacketBackEnd.Epoll, "test", _ => { }, TimeSpan.Zero, Urgency.None, out _);
    private readonly LoopCounters _counters = new();
    private readonly UdpSocket _out = Open(), _peer = Open();
    private readonly UdpAddress _from = new(IPAddress.Loopback, 4000);
    private readonly byte[] _packet = new byte[Length + PacketLoop.Room];
    private readonly StreamState* _speaker, _hearer;
    private readonly List<SrtpContext> _contexts = [];

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
        foreach (SrtpContext context in _contexts)
            context.Dispose();
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
    [InlineData("another packet time")]
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
            case "another packet time": _speaker->OnlyLength = Length - 80; break;
            case "RTCP": packet[1] = 200; break;
        }
        byte[] before = [.. packet];
        Assert.False(ShortWay.TryPass(_speaker, packet, length, from, 1_000_000, _loop, _counters));
        Assert.Equal(before, packet);
        Assert.Equal((0L, 99u, 0L, 0L), (_speaker->PacketsReceived, _speaker->Received.Highest, _hearer->PacketsSent, _counters.Received));
    }

    [Theory]
    [InlineData("AES_CM_128_HMAC_SHA1_80", true, false)]
    [InlineData("AES_CM_128_HMAC_SHA1_80", false, true)]
    [InlineData("AES_CM_128_HMAC_SHA1_80", true, true)]
    [InlineData("AES_CM_128_HMAC_SHA1_32", true, true)]
    [InlineData("AES_256_CM_HMAC_SHA1_80", true, true)]
    [InlineData("AEAD_AES_128_GCM", true, true)]
    public void What_is_encrypted_goes_out_as_on_the_long_way(string suite, bool opens, bool protects)
    {
        const uint First = 0x1_0000 - 4;                                        // both ways wrap meanwhile (RFC 3711 §3.3.1)
        Secure secure = new(this, suite, opens, protects, First);
        for (uint i = First; i < First + 20; i++)
        {
            byte[] packet = secure.Sent(i, out int length);
            byte[] expected = secure.OnTheLongWay(packet[..length], i);
            Assert.True(ShortWay.TryPass(_speaker, packet, length, _from, 1_000_000, _loop, _counters));
            byte[] heard = new byte[300];
            Assert.Equal(expected, heard[.._peer.TryReceive(heard, out _)]);
            Assert.Equal(i, _speaker->Received.Highest);
        }
        Assert.Equal((20L, 3200L, 20L, 3200L), (_speaker->PacketsReceived, _speaker->OctetsReceived, _hearer->PacketsSent, _hearer->OctetsSent));
    }

    [Theory]
    [InlineData("bad tag")]
    [InlineData("changed header")]
    [InlineData("too short")]
    [InlineData("in clear")]
    [InlineData("came before")]
    [InlineData("lost before it")]
    [InlineData("new key")]
    [InlineData("stranger")]
    [InlineData("the hearer's key is new")]
    public void What_is_not_genuine_or_not_the_next_goes_the_long_way_untouched_and_has_taught_nothing(string what)      // SECURITY S14, S15
    {
        Secure secure = new(this, "AES_CM_128_HMAC_SHA1_80", opens: true, protects: true, 100);
        byte[] packet = secure.Sent(100, out int length), genuine = [.. packet];
        UdpAddress from = _from;
        switch (what)
        {
            case "bad tag": packet[length - 1] ^= 1; break;
            case "changed header": packet[7] ^= 1; break;
            case "too short": length = 21; break;
            case "in clear": Packet(100, 160).CopyTo(packet, 0); break;
            case "came before": packet = secure.Before; break;
            case "lost before it": packet = secure.Sent(101, out length); break;
            case "new key": secure.Receiver.Expect(Ssrc, 0, 99); break;
            case "stranger": from = new UdpAddress(IPAddress.Loopback, 4002); break;
            case "the hearer's key is new": _speaker->Protects = secure.Unused.State; break;
        }
        byte[] before = [.. packet];
        Assert.False(ShortWay.TryPass(_speaker, packet, length, from, 5_000_000, _loop, _counters));
        Assert.Equal(before, packet);
        Assert.Equal((0L, 99u, 0L, 0L), (_speaker->PacketsReceived, _speaker->Received.Highest, _hearer->PacketsSent, _counters.Received));
        Assert.True(secure.Receiver.TryGetPosition(Ssrc, out uint counter, out ushort highest));
        Assert.Equal((0u, (ushort)99), (counter, highest));
        if (what is "new key" or "the hearer's key is new")
            return;
        Assert.True(ShortWay.TryPass(_speaker, genuine, Length + 10, _from, 5_000_000, _loop, _counters));     // and it was no reason to leave the short way
    }

    /// <summary>Keys for the two legs, and the long way's arithmetic beside them.</summary>
    private sealed class Secure
    {
        private readonly ShortWayTests _test;
        private readonly SrtpContext _phone, _twinReceiver, _twinSender;
        private readonly SrtpProfile _profile;
        private readonly bool _opens, _protects;

        public Secure(ShortWayTests test, string suite, bool opens, bool protects, uint first)
        {
            Assert.True(SrtpProfiles.TryFromSuite(suite, out _profile));
            (_test, _opens, _protects) = (test, opens, protects);
            (_phone, Receiver, _twinReceiver) = (Context(1), Context(1), Context(1));
            (SrtpContext sender, _twinSender, Unused) = (Context(2), Context(2), Context(3));
            test._speaker->Received = new(Ssrc, probation: 0);
            test._speaker->Received.Add((ushort)(first - 1), 0, 0);
            // Its own numbers are 8 behind, so that the two ways wrap at different packets.
            test._hearer->Outgoing = new OutgoingSequence(11, 1, 0);
            Assert.True(test._hearer->Outgoing.TryMap(1, Ssrc, 10, 0, 8000, 0, out _, out _, out _));
            Assert.True(test._hearer->Outgoing.TryMap(1, Ssrc, first - 1, (first - 1) * 160, 8000, 0, out ushort sequence, out _, out _));
            Offset = sequence - (int)(first - 1);
            Before = Sent(first - 1, out int length);
            byte[] one = [.. Before], other = [.. Before];
            if (opens)
            {
                Assert.Equal(SrtpError.None, Receiver.UnprotectRtp(one.AsSpan(0, length), out _));
                Assert.Equal(SrtpError.None, _twinReceiver.UnprotectRtp(other.AsSpan(0, length), out _));
                test._speaker->Opens = Receiver.State;
            }
            RtpHeader.Write(one, 9, false, sequence, 0, 11);
            RtpHeader.Write(other, 9, false, sequence, 0, 11);
            if (protects)
            {
                Assert.Equal(SrtpError.None, sender.ProtectRtp(one, Length, out _));
                Assert.Equal(SrtpError.None, _twinSender.ProtectRtp(other, Length, out _));
                test._speaker->Protects = sender.State;
            }
        }

        public SrtpContext Receiver { get; }

        /// <summary>Has sent nothing.</summary>
        public SrtpContext Unused { get; }

        /// <summary>The packet before the first one.</summary>
        public byte[] Before { get; }

        private int Offset { get; }

        /// <summary>A packet of the phone.</summary>
        public byte[] Sent(uint extended, out int length)
        {
            byte[] packet = [.. _test.Packet((ushort)extended, extended * 160)];
            packet.AsSpan(12, Length - 12).Fill((byte)extended);
            length = Length;
            if (_opens)
                Assert.Equal(SrtpError.None, _phone.ProtectRtp(packet, Length, out length));
            return packet;
        }

        /// <summary>What the hearer has to get.</summary>
        public byte[] OnTheLongWay(byte[] packet, uint extended)
        {
            int length = Length;
            if (_opens)
                Assert.Equal(SrtpError.None, _twinReceiver.UnprotectRtp(packet, out length));
            byte[] sent = [.. packet[..length], .. new byte[SrtpProfiles.MaxRtpOverhead]];
            RtpHeader.Write(sent, 9, false, (ushort)(extended + Offset), extended * 160, 11);
            if (_protects)
                Assert.Equal(SrtpError.None, _twinSender.ProtectRtp(sent, length, out length));
            return sent[..length];
        }

        private SrtpContext Context(byte key)
        {
            byte[] keySalt = new byte[_profile.KeySaltLength()];
            keySalt.AsSpan().Fill(key);
            SrtpContext context = SrtpContext.FromKeySalt(_profile, keySalt);
            _test._contexts.Add(context);
            Assert.SkipWhen(context.State is null, "This machine has no AES instructions or no libcrypto.");
            return context;
        }
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
