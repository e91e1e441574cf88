using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Rtp.Tests.Security;

public sealed unsafe class SrtpStateTests
{
    private const int Length = 172;

    public static TheoryData<SrtpProfile> Profiles => [.. Enum.GetValues<SrtpProfile>()];

    [Theory, MemberData(nameof(Profiles))]
    public void Whoever_protects_and_opens_context_or_state_the_packets_are_the_same(SrtpProfile profile)
    {
        using SrtpContext protects = Context(profile), alone = Context(profile), opens = Context(profile), slow = Context(profile);
        var random = new Random(12);
        int byState = 0;
        for (uint i = 65_300; i < 65_900; i += random.Next(10) == 0 ? 3u : 1)     // with losses, over the wrap (RFC 3711 §3.3.1)
        {
            byte[] plain = Packet((ushort)i), one = [.. plain], other = [.. plain];
            int length, expected;
            SrtpError error = random.Next(4) == 0 ? protects.ProtectRtp(one, Length, out length) : protects.State->Protect(one, Length, out length);
            if (error == SrtpError.Malformed)                                     // the state does not know the source yet
                error = protects.ProtectRtp(one, Length, out length);
            Assert.Equal((SrtpError.None, SrtpError.None), (error, alone.ProtectRtp(other, Length, out expected)));
            Assert.Equal(other[..expected], one[..length]);
            if (random.Next(20) == 0)                                             // RTCP of the same source in between
                Report(protects, opens);
            bool state = random.Next(4) > 0 && opens.State->TryOpenNext(one.AsSpan(0, expected), out length);
            if (state)
                byState++;
            else
                Assert.Equal(SrtpError.None, opens.UnprotectRtp(one.AsSpan(0, expected), out length));
            Assert.Equal(SrtpError.None, slow.UnprotectRtp(other.AsSpan(0, expected), out int back));
            Assert.Equal(plain[..Length], one[..length]);
            Assert.Equal(back, length);
        }
        Assert.True(byState > 200);
        Assert.True(opens.TryGetPosition(1, out uint counter, out ushort highest) && slow.TryGetPosition(1, out uint otherCounter, out ushort otherHighest)
            && (counter, highest) == (otherCounter, otherHighest) && counter == 1);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_forgery_is_left_as_it_was_and_teaches_nothing(SrtpProfile profile)                // SECURITY S14, S15
    {
        using SrtpContext sender = Context(profile), receiver = Context(profile);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 99), out _));
        byte[] genuine = Protected(sender, 100);
        foreach (int at in (int[])[1, 4, 12, 100, genuine.Length - 1])
        {
            byte[] forged = [.. genuine];
            forged[at] ^= 1;
            byte[] before = [.. forged];
            Assert.False(receiver.State->TryOpenNext(forged, out _));
            Assert.Equal(before, forged);
        }
        for (int length = 0; length < 12 + sender.RtpOverhead; length++)
            Assert.False(receiver.State->TryOpenNext(genuine.AsSpan(0, length), out _));
        Assert.False(receiver.State->TryOpenNext(new byte[SrtpContext.MaxPacketLength + 1], out _));
        Assert.True(receiver.State->TryOpenNext([.. genuine], out int plain));
        Assert.Equal(Length, plain);
        Assert.False(receiver.State->TryOpenNext([.. genuine], out _));                            // RFC 3711 §3.3.2: a replay
        Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp(genuine, out _));
    }

    [Fact]
    public void What_is_not_the_next_one_of_the_source_heard_last_is_the_contexts()
    {
        using SrtpContext sender = Context(), receiver = Context();
        Assert.False(receiver.State->TryOpenNext(Protected(sender, 1), out _));                    // nobody was heard
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 2), out _));
        Assert.False(receiver.State->TryOpenNext(Protected(sender, 4), out _));
        Assert.False(receiver.State->TryOpenNext(Protected(sender, 3, ssrc: 2), out _));
        Assert.True(receiver.State->TryOpenNext(Protected(sender, 3), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 50, ssrc: 2), out _));
        Assert.True(receiver.State->TryOpenNext(Protected(sender, 51, ssrc: 2), out _));           // the other one is heard now
        receiver.Expect(2, 0, 51);
        Assert.False(receiver.State->TryOpenNext(Protected(sender, 52, ssrc: 2), out _));          // its counter is looked for
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 53, ssrc: 2), out _));
        Assert.True(receiver.State->TryOpenNext(Protected(sender, 54, ssrc: 2), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 5), out _));          // and the first one has kept its place
        Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp(Protected(Context(), 3), out _));
    }

    [Fact]
    public void A_sequence_number_is_never_protected_twice_nor_another_source_under_its_name()
    {
        using SrtpContext sender = Context();
        Assert.Equal(SrtpError.Malformed, sender.State->Protect(Packet(5), Length, out _));
        Protected(sender, 5);
        Assert.Equal(SrtpError.Replay, sender.State->Protect(Packet(5), Length, out _));
        Assert.Equal(SrtpError.Malformed, sender.State->Protect(Packet(6, ssrc: 2), Length, out _));
        Assert.Equal(SrtpError.Malformed, sender.State->Protect(Packet(6), 11, out _));
        Assert.Equal(SrtpError.NoRoom, sender.State->Protect(Packet(6).AsSpan(0, Length + 9), Length, out _));
        Assert.Equal(SrtpError.None, sender.State->Protect(Packet(6), Length, out _));
        Assert.Equal(SrtpError.Replay, sender.ProtectRtp(Packet(6), Length, out _));
    }

    [Fact]
    public void A_key_is_not_used_for_more_packets_than_it_is_for()                                 // RFC 3711 §9.2: 2^48
    {
        using SrtpContext sender = Context();
        sender.Expect(1, uint.MaxValue, ushort.MaxValue);
        Assert.Equal(SrtpError.KeyExhausted, sender.State->Protect(Packet(0), Length, out _));
    }

    [Fact]
    public void There_is_none_of_a_context_that_is_disposed_of_or_has_no_such_instructions()
    {
        SrtpContext context = Context();
        context.Dispose();
        Assert.True(context.State is null);
        using var portable = new SrtpContext(SrtpProfile.AesCm128HmacSha1Tag80, new byte[16], new byte[14], SrtpPrimitives.Portable);
        Assert.True(portable.State is null);
        Assert.Equal(SrtpError.None, portable.ProtectRtp(Packet(1), Length, out _));
        Assert.Throws<ObjectDisposedException>(() => context.TryGetPosition(1, out _, out _));
        Assert.True(sizeof(SrtpState) >= SrtpState.Octets);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void It_allocates_nothing(SrtpProfile profile)
    {
        using SrtpContext sender = Context(profile), receiver = Context(profile);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 1), out _));
        byte[] buffer = Packet(1);
        ushort sequence = 1;
        void Run()
        {
            RtpHeader.Write(buffer, 8, false, ++sequence, 0, 1);
            sender.State->Protect(buffer, Length, out int length);
            receiver.State->TryOpenNext(buffer.AsSpan(0, length), out _);
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(receiver.TryGetPosition(1, out _, out ushort highest));
        Assert.Equal(sequence, highest);
    }

    private static SrtpContext Context(SrtpProfile profile = SrtpProfile.AesCm128HmacSha1Tag80)
    {
        SrtpContext context = SrtpContext.FromKeySalt(profile, [.. Enumerable.Range(1, profile.KeySaltLength()).Select(i => (byte)(i * 7))]);
        Assert.SkipWhen(context.State is null, "This machine has no AES instructions or no libcrypto.");
        return context;
    }

    /// <summary>A packet of 20 ms, and room behind it.</summary>
    private static byte[] Packet(ushort sequence, uint ssrc = 1) =>
        [.. SrtpContextTests.Rtp(sequence, ssrc, [.. Enumerable.Range(sequence, Length - 12).Select(i => (byte)i)]), .. new byte[SrtpProfiles.MaxRtpOverhead]];

    private static byte[] Protected(SrtpContext sender, ushort sequence, uint ssrc = 1)
    {
        byte[] packet = Packet(sequence, ssrc);
        Assert.Equal(SrtpError.None, sender.ProtectRtp(packet, Length, out int length));
        return packet[..length];
    }

    private static void Report(SrtpContext sender, SrtpContext receiver)
    {
        byte[] report = new byte[64];
        RtcpWriter writer = new(report);
        writer.TryWriteReceiverReport(1, []);
        Assert.Equal(SrtpError.None, sender.ProtectRtcp(report, writer.Length, out int length));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(report.AsSpan(0, length), out _));
    }
}
