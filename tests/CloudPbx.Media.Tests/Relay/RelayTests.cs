using CloudPbx.Audio.Codecs;
using CloudPbx.MediaControl;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Media.Tests.Relay;

public class RelayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Two_peers_hear_each_other_each_with_the_encryption_it_wants(bool secureA, bool secureB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secureA, secureB: secureB);
        for (byte i = 1; i <= 20; i++)
        {
            await TestCall.PassesAsync(call.A, call.B, i);
            await TestCall.PassesAsync(call.B, call.A, (byte)(i + 100));
        }
        LegStatistics a = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((20, 20, 3200, 3200, 0, "PCMA", secureA), (a.PacketsSent, a.PacketsReceived, a.OctetsSent, a.OctetsReceived, a.Lost, a.Codec, a.Encrypted));
        Assert.Equal(20, a.PtimeMilliseconds);
        Assert.Equal(a, await node.Client.RemoveAsync(call.LegA, Cancel)); // asked again: the same figures
        Assert.Equal(secureB, (await node.Client.RemoveAsync(call.LegB, Cancel)).Encrypted);
        Assert.Equal(0, node.Node.SessionCount);
    }

    [Theory]                                                                    // all other tests take what this machine has: Media__BackEnd=Epoll for the other
    [InlineData(PacketBackEnd.Epoll)]
    [InlineData(PacketBackEnd.IoUring)]
    public async Task Two_peers_hear_each_other_whatever_the_loops_stand_on(PacketBackEnd backEnd)
    {
        if (backEnd == PacketBackEnd.IoUring)
        {
            using PacketLoop probe = PacketLoop.Create(PacketBackEnd.Auto, "probe", _ => { }, TimeSpan.Zero, Urgency.None, out string? declined);
            Assert.SkipWhen(declined is not null, declined ?? "");
        }
        await using TestNode node = await TestNode.StartAsync(null, null, ("BackEnd", backEnd.ToString()));
        for (int round = 0; round < 3; round++)
        {
            using TestCall call = await TestCall.ConnectAsync(node, secureA: true);
            for (byte i = 1; i <= 20; i++)
            {
                await TestCall.PassesAsync(call.A, call.B, i);
                await TestCall.PassesAsync(call.B, call.A, (byte)(i + 100));
            }
            LegStatistics a = await node.Client.RemoveAsync(call.LegA, Cancel);
            Assert.Equal((20, 20, 0), (a.PacketsSent, a.PacketsReceived, a.Lost));
            await node.Client.RemoveAsync(call.LegB, Cancel);
        }
    }

    [Fact]
    public async Task IPv6_is_as_good()
    {
        if (!System.Net.Sockets.Socket.OSSupportsIPv6)
            Assert.Skip("This machine has no IPv6.");
        await using TestNode node = await TestNode.StartAsync(null, null, ("Bind", "::"));
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true, address: "::1");
        Assert.Contains("c=IN IP6 ::1\r\n", call.A.NodeSdp, StringComparison.Ordinal);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]                                                                    // RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1
    [InlineData("AES_CM_128_HMAC_SHA1_80")]
    [InlineData("AES_CM_128_HMAC_SHA1_32")]
    [InlineData("AES_256_CM_HMAC_SHA1_80")]
    [InlineData("AES_256_CM_HMAC_SHA1_32")]
    [InlineData("AEAD_AES_128_GCM")]
    [InlineData("AEAD_AES_256_GCM")]
    public async Task Every_suite_is_answered_and_used(string suite)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true, suiteA: suite);
        Assert.Contains($"a=crypto:1 {suite} inline:", call.A.NodeSdp, StringComparison.Ordinal);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]
    [InlineData("AEAD_AES_128_GCM", 1)]
    [InlineData("AEAD_AES_256_GCM", 2)]
    [InlineData("AES_CM_128_HMAC_SHA1_80", 3)]
    [InlineData("AES_CM_128_HMAC_SHA1_32", 4)]
    public async Task An_offer_has_authenticated_encryption_first_and_what_every_phone_has_behind_it(string chosen, int tag)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureB: true, suiteB: chosen);
        string[] lines = [.. call.B.NodeSdp.Split("\r\n").Where(l => l.StartsWith("a=crypto", StringComparison.Ordinal))];
        Assert.Equal(4, lines.Length);
        Assert.StartsWith($"a=crypto:{tag} {chosen} inline:", lines[tag - 1], StringComparison.Ordinal);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(160)]
    [InlineData(240)]
    [InlineData(480)]
    public async Task Any_packet_time_is_passed_on_as_it_comes_to_a_hearer_that_states_none(int octets)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        call.A.PacketLength = octets;
        Heard first = await TestCall.PassesAsync(call.A, call.B);
        Heard second = await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal((uint)octets, second.Timestamp - first.Timestamp);
        Assert.Equal(octets / 8, (await node.Client.RemoveAsync(call.LegA, Cancel)).PtimeMilliseconds);
        Assert.Equal((0, octets / 8), ((await node.Client.RemoveAsync(call.LegB, Cancel)) is var b ? (b.PtimeMilliseconds, b.SentPtimeMilliseconds) : default));
    }

    [Fact]
    public async Task A_packet_that_comes_after_a_later_one_is_passed_on_and_counted_late()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        ushort sequence = call.A.Sequence;
        call.A.Sequence++;
        await TestCall.PassesAsync(call.A, call.B);
        ushort after = call.A.Sequence;
        call.A.Sequence = sequence;
        await TestCall.PassesAsync(call.A, call.B);
        call.A.Sequence = after;
        await TestCall.PassesAsync(call.A, call.B);
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((4L, 1L, 0L), (figures.PacketsReceived, figures.Late, figures.Lost));
    }

    [Fact]
    public async Task Each_leg_sends_with_one_SSRC_and_no_seam_whatever_its_source_does() // INTEROP I61
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        Heard first = await TestCall.PassesAsync(call.A, call.B);
        Assert.True(first.Marker);
        Assert.NotEqual(call.A.Ssrc, first.Ssrc);
        Heard second = await TestCall.PassesAsync(call.A, call.B);
        Assert.False(second.Marker);

        call.A.Ssrc++; // another source, numbers of its own
        call.A.Sequence = 60_000;
        call.A.Timestamp = 1;
        Heard third = await TestCall.PassesAsync(call.A, call.B);
        Assert.True(third.Marker);

        await node.Client.UnbridgeAsync(call.LegA, Cancel);
        await node.Client.BridgeAsync(call.LegB, call.LegA, Cancel);
        Heard fourth = await TestCall.PassesAsync(call.A, call.B);
        Assert.True(fourth.Marker);

        Heard[] heard = [first, second, third, fourth];
        Assert.All(heard, h => Assert.Equal(first.Ssrc, h.Ssrc));
        for (int i = 1; i < heard.Length; i++)
        {
            Assert.Equal((ushort)(heard[i - 1].Sequence + 1), heard[i].Sequence);
            Assert.InRange(heard[i].Timestamp - heard[i - 1].Timestamp, 160u, 8000u * 10);
        }
    }

    [Fact]
    public async Task A_lost_packet_stays_lost_and_a_late_one_keeps_its_place()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        Heard first = await TestCall.PassesAsync(call.A, call.B);
        ushort skipped = call.A.Sequence++;
        Heard third = await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal((ushort)(first.Sequence + 2), third.Sequence);
        ushort next = call.A.Sequence;
        call.A.Sequence = skipped;
        Heard late = await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal((ushort)(first.Sequence + 1), late.Sequence);
        call.A.Sequence = skipped;
        call.A.Send(8, 1);
        Assert.Null(await call.B.HearAsync(100)); // twice: not passed on
        call.A.Sequence = next;
        await TestCall.PassesAsync(call.A, call.B);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task What_changes_in_a_running_talk_is_heeded_by_its_next_packet(bool secureA, bool secureB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secureA, secureB: secureB);
        async Task TalkAsync()
        {
            for (byte i = 0; i < 5; i++)
            {
                await TestCall.PassesAsync(call.A, call.B, i);
                await TestCall.PassesAsync(call.B, call.A, i);
            }
        }
        async Task ReofferAsync(string sdp)
        {
            Assert.True((await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), sdp, Cancel)).Accepted);
            Assert.True((await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).Accepted);
        }
        await TalkAsync();
        using var stranger = new FakePeer("127.0.0.9");
        call.A.Send(8, 0x55, from: stranger.Rtp);
        Assert.Null(await call.B.HearAsync(100));
        await TalkAsync();
        await ReofferAsync(call.A.Sdp(secure: secureA, direction: "sendonly", version: 2));
        call.B.Send(8, 1);
        Assert.Null(await call.A.HearAsync(100));
        await TestCall.PassesAsync(call.A, call.B);
        await ReofferAsync(call.A.Sdp(secure: secureA, version: 3));
        await TalkAsync();
        Assert.True(await node.Client.PromptAsync(call.LegA, new PromptRequest { Name = "music", Sounds = ["music/default"], Loop = true }, Cancel));
        Assert.NotNull(await call.A.HearAsync());
        byte[] covered = call.B.Send(8, 0x33);
        for (int i = 0; i < 5; i++)
            Assert.NotEqual(covered, (await call.A.HearAsync())!.Payload);
        await node.Client.UnbridgeAsync(call.LegA, Cancel);
        call.A.Send(8, 1);
        Assert.Null(await call.B.HearAsync(100));
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        Assert.Equal((1L, 17L, 1L), (figures.StrangersDropped, figures.PacketsReceived, figures.Lost));     // the stranger's number was never the caller's
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task An_encrypted_talk_goes_on_through_loss_reordering_replays_forgeries_and_the_wrap_of_its_numbers(bool secureA, bool secureB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secureA, secureB: secureB, a: new FakePeer { Sequence = 65_500 });
        async Task TalkAsync(int packets)
        {
            for (int i = 0; i < packets; i++)
            {
                await TestCall.PassesAsync(call.A, call.B, (byte)i);
                await TestCall.PassesAsync(call.B, call.A, (byte)i);
            }
        }
        await TalkAsync(5);
        call.A.Sequence++;                                                      // lost
        await TalkAsync(5);
        ushort skipped = call.A.Sequence++;
        await TalkAsync(1);
        ushort next = call.A.Sequence;
        call.A.Sequence = skipped;                                              // late
        await TalkAsync(1);
        call.A.Sequence = next;
        await TalkAsync(60);                                                    // RFC 3711 §3.3.1: over the wrap
        byte[] datagram = [.. call.A.LastSent];
        call.A.Rtp.SendTo(datagram, call.A.Node);                               // replayed
        datagram[3]++;
        datagram[^1] ^= 1;                                                      // made of the last one into the next
        if (secureA)
            call.A.Rtp.SendTo(datagram, call.A.Node);
        Assert.Null(await call.B.HearAsync(100));
        await TalkAsync(5);
        LegStatistics figures = await node.Client.RemoveAsync(call.LegA, Cancel);
        // RFC 3550 A.3: what comes twice counts as if something lost had come, unless its tag is looked at first.
        Assert.Equal((77L, secureA ? 1L : 0L, 1L, secureA ? 2L : 0L), (figures.PacketsReceived, figures.Lost, figures.Late, figures.SrtpFailures));
    }

    [Fact]
    public async Task Unequal_laws_of_G711_are_transcoded()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "0", formatsB: "8");
        call.A.Send(0, G711.ToMuLaw(8000));
        Heard? heard = await call.B.HearAsync();
        Assert.Equal(8, heard!.PayloadType);
        Assert.All(heard.Payload, octet => Assert.InRange(G711.FromALaw(octet), 7500, 8500));
        call.B.Send(8, G711.ToALaw(-3000));
        heard = await call.A.HearAsync();
        Assert.Equal(0, heard!.PayloadType);
        Assert.All(heard.Payload, octet => Assert.InRange(G711.FromMuLaw(octet), -3200, -2800));
    }

    [Fact]
    public async Task A_codec_that_only_the_two_parties_know_is_passed_through()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "3", formatsB: "3");
        Assert.Contains("m=audio ", call.B.NodeSdp, StringComparison.Ordinal);
        call.A.PacketLength = 33;
        Assert.Equal(3, (await TestCall.PassesAsync(call.A, call.B, 0xD1, payloadType: 3)).PayloadType);
    }

    [Fact]
    public async Task A_telephone_event_crosses_under_each_sides_number_and_is_reported_once() // INTEROP I52, I53
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "8 97", formatsB: "8 101");
        await TestCall.PassesAsync(call.A, call.B);
        byte eventOfB = byte.Parse(call.B.NodeSdp.Split("a=rtpmap:").First(l => l.Contains("telephone-event", StringComparison.Ordinal)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(eventOfB, new byte[] { 97, 101 });
        uint timestamp = call.A.Timestamp;
        for (int i = 1; i <= 7; i++)
            call.A.SendPayload(97, [5, (byte)(i >= 5 ? 0x8A : 0x0A), 0, (byte)(Math.Min(i, 5) * 40)], i == 1, timestamp);
        for (int i = 1; i <= 7; i++)
        {
            Heard? heard = await call.B.HearAsync();
            Assert.Equal(101, heard!.PayloadType); // what B's own SDP says
            Assert.Equal(i == 1, heard.Marker);
        }
        Assert.Equal("digit 5 25 leg 1", await node.ReportAsync());
        Assert.False(node.HasReport);
    }

    [Fact]
    public async Task A_telephone_event_that_goes_on_from_another_source_is_one_to_the_hearer_too() // INTEROP I53
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "8 101", formatsB: "8 101");
        Heard before = await TestCall.PassesAsync(call.A, call.B);
        ushort last = before.Sequence;
        HashSet<uint> timestamps = [];
        uint timestamp = call.A.Timestamp;
        for (int i = 1; i <= 6; i++)
        {
            if (i == 4)
                (call.A.Ssrc, call.A.Sequence) = (call.A.Ssrc + 1, 40_000);
            call.A.SendPayload(101, [5, (byte)(i >= 5 ? 0x8A : 0x0A), 0, (byte)(i * 40)], i == 1, timestamp);
            Heard? heard = await call.B.HearAsync();
            Assert.Equal((101, i == 1, (ushort)++last, before.Ssrc), (heard!.PayloadType, heard.Marker, heard.Sequence, heard.Ssrc));
            timestamps.Add(heard.Timestamp);
        }
        Assert.Single(timestamps);                              // RFC 4733 §2.5.1.2: by which one key is told from the next
        Heard after = await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal((ushort)(last + 1), after.Sequence);
    }

    [Fact]
    public async Task Events_for_a_peer_that_has_none_become_tones_and_leave_no_gap() // GNOME Calls
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "8 101", formatsB: "8");
        Heard before = await TestCall.PassesAsync(call.A, call.B);
        call.A.SendPayload(101, [1, 0x8A, 0, 160], true, call.A.Timestamp);
        Assert.Equal("digit 1 20 leg 1", await node.ReportAsync());
        ushort last = before.Sequence;
        while (await call.B.HearAsync(150) is { } tone)
            Assert.Equal((8, ++last), (tone.PayloadType, tone.Sequence));
        Assert.InRange(last - before.Sequence, 6, 12);
        Heard after = await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal((ushort)(last + 1), after.Sequence);
    }

    [Fact]
    public async Task Who_is_told_of_keys_by_its_signalling_hears_no_tones_of_them()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "8", formatsB: "8 101", policyA: TestCall.Policy() with { TelephoneEvent = false, SignalledDigits = true });
        await TestCall.PassesAsync(call.B, call.A);
        call.B.SendPayload(101, [1, 0x8A, 0, 160], true, call.B.Timestamp);
        Assert.Equal("digit 1 20 leg 2", await node.ReportAsync());
        Assert.Null(await call.A.HearAsync(150));
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]
    [InlineData("CN", 450)]
    [InlineData("fr", 440)]
    [InlineData("EU", 425)]
    [InlineData("../", 425)]                                  // nothing that comes from outside names a file
    public async Task Tones_are_those_of_the_legs_country(string country, int hertz)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, policyA: TestCall.Policy() with { ToneCountry = country });
        await node.Client.PlayAsync(call.LegA, Tone.Ringback, Cancel);
        List<short> heard = [];
        while (heard.Count < 3200)
            heard.AddRange((await call.A.HearAsync())!.Payload.Select(CloudPbx.Audio.Codecs.G711.FromALaw));
        Assert.InRange(CloudPbx.Audio.Tones.ToneDetector.Measure(heard.ToArray(), 8000).Hertz, hertz - 4, hertz + 4);
    }

    [Fact]
    public async Task An_echo_comes_back_with_the_legs_own_SSRC()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var peer = new FakePeer();
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp("9 101", secure: true), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(leg, null, Cancel);
        peer.Learn(answer.LocalSdp);
        Assert.Equal("G722", answer.Codec);
        await node.Client.EchoAsync(leg, Cancel);
        Heard heard = await TestCall.PassesAsync(peer, peer, payloadType: 9);
        Assert.NotEqual(peer.Ssrc, heard.Ssrc);
        await node.Client.StopAsync(leg, Cancel);
        peer.Send(9, 1);
        Assert.Null(await peer.HearAsync(100));
    }

    [Theory]
    [InlineData("8", 8)]
    [InlineData("0", 0)]
    [InlineData("9", 9)]
    public async Task Ringback_is_played_until_the_bridge_and_goes_on_seamlessly_into_it(string format, byte payloadType)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, format, format);
        await node.Client.PlayAsync(call.LegA, Tone.Ringback, Cancel);
        Heard? previous = null;
        for (int i = 0; i < 10; i++)
        {
            Heard? heard = await call.A.HearAsync();
            Assert.Equal((payloadType, 160), (heard!.PayloadType, heard.Payload.Length));
            Assert.Equal(i == 0, heard.Marker);
            Assert.True(heard.Payload.Distinct().Count() > 8); // a tone, not silence
            if (previous is not null)
                Assert.Equal(((ushort)(previous.Sequence + 1), previous.Timestamp + 160), (heard.Sequence, heard.Timestamp));
            previous = heard;
        }
        await node.Client.BridgeAsync(call.LegA, call.LegB, Cancel);
        while (await call.A.HearAsync(60) is { } rest)
            previous = rest;
        Heard talk = await TestCall.PassesAsync(call.B, call.A, payloadType: payloadType);
        Assert.Equal((previous!.Ssrc, (ushort)(previous.Sequence + 1), true), (talk.Ssrc, talk.Sequence, talk.Marker));
    }

    [Fact]                                                                      // RFC 3960 §3.2, I45
    public async Task Before_the_answer_the_caller_hears_ringing_until_the_callees_first_packet_and_nobodys_silence_counts()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("SilenceSeconds", "1"));
        using TestCall call = await TestCall.ConnectAsync(node);
        await node.Client.UnbridgeAsync(call.LegA, Cancel);
        await node.Client.BridgeEarlyAsync(call.LegA, call.LegB, Cancel);
        Heard? ringing = null;
        for (int i = 0; i < 70; i++)                                            // longer than the silence that ends an answered call
            ringing = await call.A.HearAsync();
        Assert.True(ringing!.Payload.Length == 160);
        Assert.False(node.HasReport);
        call.B.Send(8, 0x22);
        while (await call.A.HearAsync(60) is { } heard)
            ringing = heard;
        Assert.All(ringing.Payload, octet => Assert.Equal(0x22, octet));        // the packet ended the tone
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp("8 0 101", false), Cancel)).Accepted);
        Assert.Null(await call.A.HearAsync(100));                               // another fork's description is no new ringing
        await TestCall.PassesAsync(call.A, call.B);                             // both ways
        await node.Client.BridgeAsync(call.LegA, call.LegB, Cancel);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Fact]
    public async Task No_octet_is_allocated_for_a_relayed_packet()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true, formatsA: "0 101", formatsB: "8 101");
        async Task RelayAsync(int packets)
        {
            for (int i = 0; i < packets; i++)
            {
                call.A.Send(0, (byte)i);
                Assert.NotNull(await call.B.HearAsync());
                call.B.Send(8, (byte)i);
                Assert.NotNull(await call.A.HearAsync());
            }
        }
        await RelayAsync(200); // every path is compiled
        long before = node.Node.LoopAllocatedBytes;
        await RelayAsync(1000);
        Assert.Equal(before, node.Node.LoopAllocatedBytes);
    }

    [Theory]
    [InlineData(false, "8 101")]
    [InlineData(true, "8 101")]
    [InlineData(false, "9 101")]                                                // transcoded
    public async Task A_caller_that_changes_its_SSRC_again_and_again_costs_no_memory(bool secure, string formats)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secure, formatsA: "0 101", formatsB: formats);
        async Task TalkAsync(int sources)
        {
            for (int i = 0; i < sources; i++)
            {
                call.A.Ssrc++;
                do
                    call.A.Send(0, (byte)i);
                while (await call.B.HearAsync(20) is null);                     // a frame of the other codec may want a second packet
            }
        }
        await TalkAsync(100);
        long before = node.Node.LoopAllocatedBytes;
        await TalkAsync(300);
        Assert.Equal(before, node.Node.LoopAllocatedBytes);
    }
}
