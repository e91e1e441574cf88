using System.Text;
using CloudPbx.Rtp.Packets;
using CsCheck;

namespace CloudPbx.Rtp.Tests.Packets;

public sealed class RtcpTests
{
    private static readonly RtcpReportBlock s_block = new(0x11223344, 12, -5, 0x10203, 77, 0xAABBCCDD, 65536);

    [Fact]
    public void A_compound_is_read_as_it_was_written()
    {
        byte[] octets = Compound();
        Assert.Equal(RtcpParseError.None, RtcpCompound.Parse(octets, out RtcpCompound compound));
        var types = new List<RtcpPacketType>();
        foreach (RtcpPacket packet in compound)
        {
            types.Add(packet.Type);
            switch (packet.Type)
            {
                case RtcpPacketType.SenderReport:
                    Assert.Equal(7u, packet.Ssrc);
                    Assert.True(packet.TryGetSenderInfo(out RtcpSenderInfo info));
                    Assert.Equal(new RtcpSenderInfo(0x0102030405060708, 9, 10, 11), info);
                    Assert.Equal(0x03040506u, info.MiddleNtp);
                    Assert.Equal(1, packet.ReportCount);
                    Assert.Equal(s_block, packet.Report(0));
                    break;
                case RtcpPacketType.SourceDescription:
                    Assert.True(packet.TryGetCanonicalName(out uint ssrc, out ReadOnlySpan<byte> name));
                    Assert.Equal((7u, "abcdef"), (ssrc, Encoding.ASCII.GetString(name)));
                    break;
                case RtcpPacketType.Bye:
                    Assert.Equal(1, packet.LeavingSourceCount);
                    Assert.Equal(7u, packet.LeavingSource(0));
                    break;
            }
        }
        Assert.Equal([RtcpPacketType.SenderReport, RtcpPacketType.SourceDescription, RtcpPacketType.Bye], types);
    }

    [Fact]
    public void A_report_block_survives_the_wire() =>
        Gen.Select(Gen.UInt, Gen.Byte, Gen.Int[-0x80_0000, 0x7F_FFFF], Gen.UInt, Gen.UInt, Gen.UInt, Gen.UInt).Sample((ssrc, fraction, lost, highest, jitter, last, delay) =>
        {
            var block = new RtcpReportBlock(ssrc, fraction, lost, highest, jitter, last, delay);
            byte[] octets = new byte[64];
            var writer = new RtcpWriter(octets);
            Assert.True(writer.TryWriteReceiverReport(1, [block]));
            Assert.Equal(RtcpParseError.None, RtcpCompound.Parse(octets.AsSpan(0, writer.Length), out RtcpCompound compound));
            foreach (RtcpPacket packet in compound)
                Assert.Equal(block, packet.Report(0));
        }, iter: 300);

    [Fact]
    public void Canonical_names_of_every_length_are_padded_to_words()
    {
        byte[] octets = new byte[512];
        for (int length = 0; length <= 255; length++)
        {
            var writer = new RtcpWriter(octets);
            Assert.True(writer.TryWriteCanonicalName(5, new string('x', length)));
            Assert.True(writer.TryWriteBye(5));
            Assert.Equal(RtcpParseError.None, RtcpCompound.Parse(octets.AsSpan(0, writer.Length), out RtcpCompound compound));
            int packets = 0;
            foreach (RtcpPacket packet in compound)
            {
                packets++;
                if (packet.TryGetCanonicalName(out _, out ReadOnlySpan<byte> name))
                    Assert.Equal(length, name.Length);
            }
            Assert.Equal(2, packets);
        }
        var last = new RtcpWriter(octets);
        Assert.False(last.TryWriteCanonicalName(5, new string('x', 256)));
    }

    [Fact]
    public void What_does_not_fit_is_not_written()
    {
        var writer = new RtcpWriter(new byte[30]);
        Assert.False(writer.TryWriteReceiverReport(1, [s_block]));
        Assert.True(writer.TryWriteReceiverReport(1, []));
        Assert.Equal(8, writer.Length);
    }

    [Fact]
    public void The_round_trip_is_that_of_the_rfcs_example()
    {
        // RFC 3550 figure 2: A = b7108000, LSR = b7052000, DLSR = 00054000, result 6.125 s
        var block = new RtcpReportBlock(1, 0, 0, 0, 0, 0xB705_2000, 0x0005_4000);
        Assert.Equal(TimeSpan.FromSeconds(6.125), block.RoundTrip(0xB710_8000));
        Assert.Null((block with { LastSenderReport = 0 }).RoundTrip(0xB710_8000));
        Assert.Null(block.RoundTrip(0xB705_2000));
    }

    [Theory]                                                // RFC 3550 A.2
    [InlineData("81C9", RtcpParseError.TooShort)]
    [InlineData("80000001DEADBEEF", RtcpParseError.PacketType)]
    [InlineData("40C90001DEADBEEF", RtcpParseError.Version)]
    [InlineData("80C90002DEADBEEF", RtcpParseError.Length)]
    [InlineData("80C90001DEADBEEF80", RtcpParseError.Length)]
    [InlineData("A0C90001DEADBE00", RtcpParseError.Padding)]
    [InlineData("A0C90001DEADBE05", RtcpParseError.Padding)]
    [InlineData("A0C90001DEADBE0480CB0000", RtcpParseError.Padding)]
    [InlineData("80C90001DEADBEEF80CB0000", RtcpParseError.None)]
    [InlineData("80CD0001DEADBEEF", RtcpParseError.None)]           // RFC 5506: feedback alone
    public void A_bad_compound_is_named(string hex, RtcpParseError expected) => Assert.Equal(expected, RtcpCompound.Parse(Convert.FromHexString(hex), out _));

    [Fact]
    public void A_report_that_promises_too_much_gives_what_is_there()
    {
        byte[] octets = Convert.FromHexString("9FC90007" + "00000001" + new string('0', 48));      // RC=31, one block in truth
        Assert.Equal(RtcpParseError.None, RtcpCompound.Parse(octets, out RtcpCompound compound));
        foreach (RtcpPacket packet in compound)
            Assert.Equal(1, packet.ReportCount);
    }

    [Fact]
    public void No_mutation_throws()
    {
        byte[] good = Compound();
        var random = new Random(4);
        for (int round = 0; round < 50_000; round++)
            RtpFuzz.Rtcp(Mutations.Of(good, random));
    }

    [Fact]
    public void Writing_and_reading_allocate_nothing()
    {
        byte[] octets = new byte[128];
        void Run()
        {
            var writer = new RtcpWriter(octets);
            writer.TryWriteSenderReport(7, default, [s_block]);
            writer.TryWriteCanonicalName(7, "abcdef");
            RtpFuzz.Rtcp(octets.AsSpan(0, writer.Length));
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static byte[] Compound()
    {
        byte[] octets = new byte[128];
        var writer = new RtcpWriter(octets);
        Assert.True(writer.TryWriteSenderReport(7, new RtcpSenderInfo(0x0102030405060708, 9, 10, 11), [s_block]));
        Assert.True(writer.TryWriteCanonicalName(7, "abcdef"));
        Assert.True(writer.TryWriteBye(7));
        return octets[..writer.Length];
    }
}
