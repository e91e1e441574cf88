using CloudPbx.Rtp.Events;
using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Packets;
using CsCheck;

namespace CloudPbx.Rtp.Tests.Packets;

public sealed class RtpPacketTests
{
    [Fact]
    public void What_was_written_is_read() =>
        Gen.Select(Gen.Byte[0, 127], Gen.Bool, Gen.UShort, Gen.UInt, Gen.UInt, Gen.Byte.Array[0, 200]).Sample((type, marker, sequence, timestamp, ssrc, payload) =>
        {
            byte[] octets = new byte[RtpPacket.FixedHeaderLength + payload.Length];
            int header = RtpHeader.Write(octets, type, marker, sequence, timestamp, ssrc);
            payload.CopyTo(octets, header);
            Assert.Equal(RtpParseError.None, RtpPacket.Parse(octets, out RtpPacket packet));
            Assert.Equal((type, marker, sequence, timestamp, ssrc), (packet.PayloadType, packet.Marker, packet.SequenceNumber, packet.Timestamp, packet.Ssrc));
            Assert.Equal(payload, packet.Payload.ToArray());
        }, iter: 500);

    [Fact]
    public void Contributing_sources_extension_and_padding_are_not_payload()
    {
        byte[] octets =
        [
            0xB1, 0x88, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3,       // V=2 P=1 X=1 CC=1, marker, PT 8
            0, 0, 0, 9,                                     // CSRC
            0xBE, 0xDE, 0, 1, 0x10, 0x7F, 0, 0,             // RFC 8285: element 1, one octet
            1, 2, 3, 0, 0, 3,                               // payload, padding of three
        ];
        Assert.Equal(RtpParseError.None, RtpPacket.Parse(octets, out RtpPacket packet));
        Assert.Equal(9u, packet.ContributingSource(0));
        Assert.Equal(0xBEDE, packet.ExtensionProfile);
        Assert.True(packet.TryGetExtensionElement(1, out ReadOnlySpan<byte> element));
        Assert.Equal([0x7F], element.ToArray());
        Assert.False(packet.TryGetExtensionElement(2, out _));
        Assert.Equal([1, 2, 3], packet.Payload.ToArray());
        Assert.Equal(3, packet.PaddingLength);
    }

    [Theory]                                                // RFC 3550 A.1
    [InlineData("80", RtpParseError.TooShort)]
    [InlineData("40000001000000020000 0003", RtpParseError.Version)]
    [InlineData("810000010000000200000003", RtpParseError.ContributingSources)]
    [InlineData("900000010000000200000003", RtpParseError.Extension)]
    [InlineData("900000010000000200000003BEDE0001", RtpParseError.Extension)]
    [InlineData("A00000010000000200000003", RtpParseError.Padding)]
    [InlineData("A0000001000000020000000300", RtpParseError.Padding)]
    [InlineData("A0000001000000020000000302", RtpParseError.Padding)]
    [InlineData("A0000001000000020000000301", RtpParseError.None)]
    public void A_bad_packet_is_named(string hex, RtpParseError expected) =>
        Assert.Equal(expected, RtpPacket.Parse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _));

    [Theory]                                                // RFC 5761 §4
    [InlineData(0x80, 200, true)]
    [InlineData(0x80, 223, true)]
    [InlineData(0x80, 0x80 | 63, false)]                    // payload type 63 with marker; 64 to 95 must not be used
    [InlineData(0x80, 0x80 | 96, false)]
    [InlineData(0x80, 8, false)]
    [InlineData(0x00, 200, false)]                          // STUN's first octet
    public void Rtcp_is_told_from_rtp_on_one_port(int first, int second, bool expected) =>
        Assert.Equal(expected, RtpHeader.IsRtcp([(byte)first, (byte)second]));

    [Fact]
    public void Reading_following_and_writing_a_packet_allocate_nothing()
    {
        byte[] octets = new byte[RtpPacket.FixedHeaderLength + TelephoneEvent.Length];
        var statistics = new ReceiverStatistics(3, probation: 0);
        var reader = new TelephoneEventReader();
        ushort sequence = 0;
        void Run()
        {
            RtpHeader.Write(octets, 101, false, ++sequence, 160u * sequence, 3);
            new TelephoneEvent(5, true, 10, 160).Write(octets.AsSpan(RtpPacket.FixedHeaderLength));
            _ = RtpPacket.Parse(octets, out RtpPacket packet);
            statistics.Add(packet.SequenceNumber, packet.Timestamp, packet.Timestamp);
            reader.Add(packet.Timestamp, packet.Payload, sequence);
            reader.TryTake(sequence, out _);
            statistics.NextReport(sequence);
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_mutation_throws()
    {
        byte[] good = Convert.FromHexString("B1880001000000020000000300000009BEDE0001107F0000010203000003");
        var random = new Random(3);
        for (int round = 0; round < 50_000; round++)
            RtpFuzz.RtpPacket(Mutations.Of(good, random));
    }
}
