using System.Buffers.Binary;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;
using CsCheck;

namespace CloudPbx.Rtp.Tests.Security;

public sealed class SrtpContextTests
{
    private static readonly byte[] s_keySalt = [.. Enumerable.Range(1, 30).Select(i => (byte)(i * 7))];

    public static TheoryData<SrtpProfile> Profiles => [.. Enum.GetValues<SrtpProfile>()];

    [Theory, MemberData(nameof(Profiles))]
    public void Packets_are_those_of_an_independent_implementation(SrtpProfile profile) =>
        Gen.Select(Gen.Byte.Array[46], Gen.Byte.Array[0, 300], Gen.UShort, Gen.UInt, Gen.Int[0, 3]).Sample((keys, payload, sequence, ssrc, csrcs) =>
        {
            (byte[] key, byte[] salt) = (keys[..profile.KeyLength()], keys[32..(32 + profile.SaltLength())]);
            byte[] packet = Rtp(sequence, ssrc, payload, csrcs);
            byte[] expected = new ReferenceSrtp(profile, key, salt).ProtectRtp(packet, 12 + (4 * csrcs), 0);
            foreach (SrtpPrimitives primitives in new[] { SrtpPrimitives.Fastest, SrtpPrimitives.Portable })
            {
                using var sender = new SrtpContext(profile, key, salt, primitives);
                using var receiver = new SrtpContext(profile, key, salt, primitives);
                byte[] buffer = [.. packet, .. new byte[profile.RtpTagLength()]];
                Assert.Equal(SrtpError.None, sender.ProtectRtp(buffer, packet.Length, out int length));
                Assert.Equal(expected, buffer[..length]);
                Assert.Equal(SrtpError.None, receiver.UnprotectRtp(buffer, out int plain));
                Assert.Equal(packet, buffer[..plain]);
            }
        }, iter: 150);

    [Theory, MemberData(nameof(Profiles))]
    public void Rtcp_packets_are_those_of_an_independent_implementation(SrtpProfile profile)
    {
        byte[] keySalt = KeySalt(profile);
        using SrtpContext sender = Context(profile), receiver = Context(profile);
        var reference = new ReferenceSrtp(profile, keySalt[..profile.KeyLength()], keySalt[profile.KeyLength()..]);
        for (uint index = 0; index < 5; index++)
        {
            byte[] buffer = new byte[256];
            var writer = new RtcpWriter(buffer);
            writer.TryWriteReceiverReport(0xCAFE, []);
            writer.TryWriteCanonicalName(0xCAFE, "someone");
            byte[] plain = buffer[..writer.Length];
            Assert.Equal(SrtpError.None, sender.ProtectRtcp(buffer, writer.Length, out int length));
            Assert.Equal(reference.ProtectRtcp(plain, index), buffer[..length]);
            Assert.Equal(plain.Length + sender.RtcpOverhead, length);
            Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(buffer.AsSpan(0, length), out int back));
            Assert.Equal(plain, buffer[..back]);
        }
    }

    [Fact]
    public void The_counter_follows_the_sequence_over_its_wrap()                // RFC 3711 §3.3.1, appendix A; calls over 22 minutes (INTEROP I62)
    {
        using SrtpContext sender = Context(), receiver = Context();
        var reference = new ReferenceSrtp(SrtpProfile.AesCm128HmacSha1Tag80, s_keySalt[..16], s_keySalt[16..]);
        for (int i = 0; i < 140_000; i += i % 65_536 is > 65_500 or < 30 ? 1 : 997)
        {
            byte[] packet = Rtp((ushort)i, 1, [1, 2, 3, 4]);
            byte[] buffer = [.. packet, .. new byte[10]];
            Assert.Equal(SrtpError.None, sender.ProtectRtp(buffer, packet.Length, out _));
            Assert.Equal(reference.ProtectRtp(packet, 12, (uint)(i >> 16)), buffer);
            Assert.Equal(SrtpError.None, receiver.UnprotectRtp(buffer, out _));
        }
        Assert.True(receiver.TryGetPosition(1, out uint counter, out _));
        Assert.Equal(2u, counter);
    }

    [Fact]
    public void Packets_out_of_order_around_the_wrap_are_taken()
    {
        using SrtpContext sender = Context(), receiver = Context();
        byte[][] packets = [.. new[] { 65_534, 65_535, 0, 1, 2 }.Select(s => Protected(sender, (ushort)s))];
        foreach (int i in new[] { 0, 2, 1, 4, 3 })
            Assert.Equal(SrtpError.None, receiver.UnprotectRtp((byte[])packets[i].Clone(), out _));
        foreach (byte[] packet in packets)
            Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp(packet, out _));
    }

    [Fact]
    public void A_replay_is_refused_inside_and_behind_the_window()              // RFC 3711 §3.3.2
    {
        using SrtpContext sender = Context(), receiver = Context();
        byte[][] packets = [.. Enumerable.Range(1000, 300).Select(s => Protected(sender, (ushort)s))];
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp((byte[])packets[200].Clone(), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp((byte[])packets[73].Clone(), out _));            // 127 behind
        Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp((byte[])packets[73].Clone(), out _));
        Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp((byte[])packets[72].Clone(), out _));          // 128 behind
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp((byte[])packets[299].Clone(), out _));
        Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp((byte[])packets[200].Clone(), out _));
    }

    [Fact]
    public void A_sequence_number_is_never_protected_twice()
    {
        using SrtpContext sender = Context();
        Protected(sender, 5);
        byte[] again = [.. Rtp(5, 1, [9]), .. new byte[10]];
        Assert.Equal(SrtpError.Replay, sender.ProtectRtp(again, 13, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Nothing_is_learnt_from_a_packet_with_a_wrong_tag(SrtpProfile profile)              // SECURITY S14, S15
    {
        using SrtpContext sender = Context(profile), receiver = Context(profile);
        byte[] forged = Protected(sender, 40_000);
        forged[^1] ^= 1;
        byte[] before = (byte[])forged.Clone();
        for (int i = 0; i < 100; i++)
            Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(forged, out _));
        Assert.Equal(before, forged);                                           // and it was left as it was
        Assert.False(receiver.TryGetPosition(1, out _, out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(Context(profile), 7), out _));
    }

    [Fact]
    public void Strangers_cannot_push_a_source_out()
    {
        using SrtpContext sender = Context(), receiver = Context();
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 1), out _));
        var random = new Random(1);
        byte[] junk = new byte[64];
        for (int i = 0; i < 1000; i++)
        {
            random.NextBytes(junk);
            junk[0] = 0x80;
            Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(junk, out _));
            Assert.NotEqual(SrtpError.None, receiver.UnprotectRtcp(junk, out _));
        }
        Assert.True(receiver.TryGetPosition(1, out _, out ushort highest));
        Assert.Equal(1, highest);
    }

    [Fact]
    public void More_sources_than_slots_drop_the_one_not_heard_for_longest()
    {
        using SrtpContext sender = Context(), receiver = Context();
        for (uint ssrc = 1; ssrc <= SrtpContext.MaxSources + 1; ssrc++)
            Assert.Equal(SrtpError.None, receiver.UnprotectRtp(Protected(sender, 1, ssrc), out _));
        Assert.False(receiver.TryGetPosition(1, out _, out _));
        Assert.True(receiver.TryGetPosition(2, out _, out _));
    }

    [Theory]                                                                    // DESIGN: the last counter, the next and 0 are tried
    [InlineData(3u)]
    [InlineData(4u)]
    [InlineData(0u)]
    public void After_a_hand_over_the_peers_counter_is_found(uint counter)
    {
        var reference = new ReferenceSrtp(SrtpProfile.AesCm128HmacSha1Tag80, s_keySalt[..16], s_keySalt[16..]);
        using SrtpContext receiver = Context();
        receiver.Expect(1, rolloverCounter: 3, highestSequence: 65_000);
        byte[] stranger = reference.ProtectRtp(Rtp(100, 1, [1]), 12, 9);
        Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(stranger, out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(100, 1, [1]), 12, counter), out _));
        Assert.True(receiver.TryGetPosition(1, out uint found, out ushort highest));
        Assert.Equal((counter, (ushort)100), (found, highest));
        // From here on the search is over.
        Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(200, 1, [1]), 12, counter + 2), out _));
    }

    [Theory]                                                                    // a node that died has told nobody the counter
    [InlineData(0u)]
    [InlineData(1u)]
    [InlineData(64u)]
    public void The_counter_of_a_peer_that_has_sent_for_hours_is_looked_for(uint counter)
    {
        var reference = new ReferenceSrtp(SrtpProfile.AesCm128HmacSha1Tag80, s_keySalt[..16], s_keySalt[16..]);
        using SrtpContext receiver = Context();
        receiver.ExpectAnyCounter();
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(100, 1, [1]), 12, counter), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(101, 1, [1]), 12, counter), out _));
        // Found once, nobody is looked for any more: a source that comes later begins with 0.
        Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(100, 2, [1]), 12, 3), out _));
    }

    [Fact]
    public void Strangers_packets_are_not_searched_for_ever()
    {
        var reference = new ReferenceSrtp(SrtpProfile.AesCm128HmacSha1Tag80, s_keySalt[..16], s_keySalt[16..]);
        using SrtpContext receiver = Context();
        receiver.ExpectAnyCounter();
        for (ushort sequence = 0; sequence < 100; sequence++)
            Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(sequence, 1, [1]), 12, 99), out _));
        Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(100, 1, [1]), 12, 2), out _));
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(reference.ProtectRtp(Rtp(100, 1, [1]), 12, 0), out _));
    }

    [Fact]
    public void A_new_key_keeps_the_counters_of_the_old_one()                   // INTEROP I62
    {
        var reference = new ReferenceSrtp(SrtpProfile.AesCm128HmacSha1Tag80, s_keySalt[..16], s_keySalt[16..]);
        byte[] other = [.. s_keySalt.Reverse()];
        using SrtpContext old = SrtpContext.FromKeySalt(SrtpProfile.AesCm128HmacSha1Tag80, other), renewed = Context();
        old.Expect(1, 2, 50);
        renewed.ExpectSourcesOf(old);
        Assert.Equal(SrtpError.None, renewed.UnprotectRtp(reference.ProtectRtp(Rtp(51, 1, [1]), 12, 2), out _));
    }

    [Fact]
    public void Too_little_room_and_too_short_packets_are_named()
    {
        using SrtpContext context = Context();
        Assert.Equal(SrtpError.NoRoom, context.ProtectRtp([.. Rtp(1, 1, [1]), .. new byte[9]], 13, out _));
        Assert.Equal(SrtpError.Malformed, context.ProtectRtp(new byte[64], 12, out _));
        Assert.Equal(SrtpError.NoRoom, context.ProtectRtcp([0x80, 201, 0, 1, 0, 0, 0, 1, .. new byte[13]], 8, out _));
        Assert.Equal(SrtpError.Malformed, context.UnprotectRtp(Rtp(1, 1, [1, 2, 3, 4, 5, 6, 7, 8, 9]), out _));
        Assert.Equal(SrtpError.Malformed, context.UnprotectRtcp([0x80, 201, 0, 1, .. new byte[17]], out _));
        Assert.Throws<ArgumentException>(() => SrtpContext.FromKeySalt(SrtpProfile.AesCm128HmacSha1Tag80, new byte[29]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_forged_Aead_packet_is_left_as_it_was(bool portable)           // it has to be decrypted to be verified
    {
        SrtpPrimitives primitives = portable ? SrtpPrimitives.Portable : SrtpPrimitives.Fastest;
        using var receiver = new SrtpContext(SrtpProfile.AeadAes128Gcm, s_keySalt.AsSpan(0, 16), s_keySalt.AsSpan(16, 12), primitives);
        byte[] forged = Protected(Context(SrtpProfile.AeadAes128Gcm), 40_000);
        foreach (int at in new[] { 1, 4, 12, 15, forged.Length - 1 })
        {
            byte[] packet = (byte[])forged.Clone();
            packet[at] ^= 1;
            byte[] before = (byte[])packet.Clone();
            Assert.Equal(SrtpError.Authentication, receiver.UnprotectRtp(packet, out _));
            Assert.Equal(before, packet);
        }
        Assert.Equal(SrtpError.None, receiver.UnprotectRtp(forged, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_replay_while_resynchronising_is_left_as_it_was(SrtpProfile profile)
    {
        using SrtpContext sender = Context(profile), receiver = Context(profile);
        byte[] packet = Protected(sender, 5), before = (byte[])packet.Clone();
        receiver.Expect(1, 0, 5);
        Assert.Equal(SrtpError.Replay, receiver.UnprotectRtp(packet, out _));
        Assert.Equal(before, packet);
    }

    [Theory, MemberData(nameof(Profiles))]
    public void No_mutation_throws_or_passes(SrtpProfile profile)
    {
        using SrtpContext sender = Context(profile), receiver = Context(profile);
        byte[] good = Protected(sender, 1);
        var random = new Random(8);
        for (int round = 0; round < 5_000; round++)
        {
            byte[] mutant = Mutations.Of(good, random);
            SrtpError error = receiver.UnprotectRtp(mutant, out _);
            Assert.True(error != SrtpError.None || mutant.Length == good.Length);
            receiver.UnprotectRtcp(Mutations.Of(good, random), out _);
        }
    }

    [Fact]
    public void Suites_have_their_names()
    {
        Assert.True(SrtpProfiles.TryFromSuite("AES_CM_128_HMAC_SHA1_32", out SrtpProfile profile));
        Assert.Equal(SrtpProfile.AesCm128HmacSha1Tag32, profile);
        Assert.True(SrtpProfiles.TryFromSuite("AES_CM_128_HMAC_SHA1_80", out profile));
        Assert.Equal(SrtpProfile.AesCm128HmacSha1Tag80, profile);
        Assert.False(SrtpProfiles.TryFromSuite("AES_192_CM_HMAC_SHA1_80", out _));
        Assert.False(SrtpProfiles.TryFromSuite(null, out _));
    }

    [Theory]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, false)]
    [InlineData(SrtpProfile.AesCm128HmacSha1Tag80, true)]
    [InlineData(SrtpProfile.AesCm256HmacSha1Tag80, false)]
    [InlineData(SrtpProfile.AeadAes128Gcm, false)]
    [InlineData(SrtpProfile.AeadAes128Gcm, true)]
    [InlineData(SrtpProfile.AeadAes256Gcm, false)]
    public void Protecting_allocates_nothing(SrtpProfile profile, bool portable)
    {
        SrtpPrimitives primitives = portable ? SrtpPrimitives.Portable : SrtpPrimitives.Fastest;
        byte[] keySalt = KeySalt(profile);
        using var sender = new SrtpContext(profile, keySalt.AsSpan(0, profile.KeyLength()), keySalt.AsSpan(profile.KeyLength()), primitives);
        using var receiver = new SrtpContext(profile, keySalt.AsSpan(0, profile.KeyLength()), keySalt.AsSpan(profile.KeyLength()), primitives);
        byte[] buffer = new byte[200], report = new byte[64];
        ushort sequence = 0;
        void Run()
        {
            RtpHeader.Write(buffer, 8, false, ++sequence, 0, 1);
            sender.ProtectRtp(buffer, 172, out int length);
            receiver.UnprotectRtp(buffer.AsSpan(0, length), out _);
            RtcpWriter writer = new(report);
            writer.TryWriteBye(1);
            sender.ProtectRtcp(report, writer.Length, out length);
            receiver.UnprotectRtcp(report.AsSpan(0, length), out _);
        }
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++)
            Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    internal static byte[] Rtp(ushort sequence, uint ssrc, byte[] payload, int csrcs = 0)
    {
        byte[] packet = new byte[12 + (4 * csrcs) + payload.Length];
        RtpHeader.Write(packet, 8, false, sequence, sequence * 160u, ssrc);
        packet[0] |= (byte)csrcs;
        for (int i = 0; i < csrcs; i++)
            BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(12 + (4 * i)), i);
        payload.CopyTo(packet, 12 + (4 * csrcs));
        return packet;
    }

    private static byte[] KeySalt(SrtpProfile profile) => [.. Enumerable.Range(1, profile.KeySaltLength()).Select(i => (byte)(i * 7))];

    private static SrtpContext Context(SrtpProfile profile = SrtpProfile.AesCm128HmacSha1Tag80) => SrtpContext.FromKeySalt(profile, KeySalt(profile));

    private static byte[] Protected(SrtpContext sender, ushort sequence, uint ssrc = 1)
    {
        byte[] packet = Rtp(sequence, ssrc, [1, 2, 3, 4, 5, 6, 7, 8]);
        byte[] buffer = [.. packet, .. new byte[sender.RtpOverhead]];
        Assert.Equal(SrtpError.None, sender.ProtectRtp(buffer, packet.Length, out int length));
        return buffer[..length];
    }
}
