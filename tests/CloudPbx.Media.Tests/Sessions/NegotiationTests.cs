using CloudPbx.Media.Sessions;
using CloudPbx.MediaControl;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Sessions;

public class NegotiationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Hold_stops_what_is_sent_to_the_holder_and_resume_brings_it_back() // INTEROP I59
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true);
        await TestCall.PassesAsync(call.B, call.A);
        Heard before = await TestCall.PassesAsync(call.B, call.A);

        LegDescription held = await ReofferAsync(call, call.A.Sdp(secure: true, direction: "sendonly", version: 2));
        Assert.Equal((true, Direction.RecvOnly), (held.RemoteHeld, held.Direction));
        Assert.Contains("a=recvonly", held.LocalSdp, StringComparison.Ordinal);
        call.B.Send(8, 1);
        Assert.Null(await call.A.HearAsync(100));
        await TestCall.PassesAsync(call.A, call.B); // the holder may play music

        LegDescription inactive = await ReofferAsync(call, call.A.Sdp(secure: true, direction: "inactive", version: 3));
        Assert.Equal(Direction.Inactive, inactive.Direction);

        LegDescription resumed = await ReofferAsync(call, call.A.Sdp(secure: true, version: 4));
        Assert.Equal((false, Direction.SendRecv), (resumed.RemoteHeld, resumed.Direction));
        Heard after = await TestCall.PassesAsync(call.B, call.A);
        Assert.Equal((before.Ssrc, (ushort)(before.Sequence + 1), true), (after.Ssrc, after.Sequence, after.Marker));
        Assert.Equal(Line(call.A.NodeSdp, "m=audio"), Line(resumed.LocalSdp!, "m=audio"));
        Assert.Equal(Line(call.A.NodeSdp, "a=crypto"), Line(resumed.LocalSdp!, "a=crypto")); // our key stays
    }

    [Fact]
    public async Task The_old_hold_with_a_null_address_is_a_hold()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await TestCall.PassesAsync(call.A, call.B);
        LegDescription held = await ReofferAsync(call, call.A.Sdp(address: "0.0.0.0", version: 2));
        Assert.True(held.RemoteHeld);
        call.B.Send(8, 1);
        Assert.Null(await call.A.HearAsync(100));
        await ReofferAsync(call, call.A.Sdp(version: 3));
        await TestCall.PassesAsync(call.B, call.A);
        await TestCall.PassesAsync(call.A, call.B);
    }

    [Theory]
    [InlineData("hello", LegFaults.MalformedSdp)]
    [InlineData("v=0\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 4000 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n", LegFaults.NoAudio)]
    [InlineData("v=0\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\n", LegFaults.EncryptionMismatch)]
    [InlineData("v=0\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n", LegFaults.NoCommonCodec)]
    public async Task An_offer_that_cannot_be_served_is_refused_with_its_reason(string sdp, string fault)
    {
        await using TestNode node = await TestNode.StartAsync();
        var leg = new LegId(TestNode.NewCall(), 1);
        LegDescription refused = await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), sdp, Cancel);
        Assert.Equal((false, fault, false), (refused.Accepted, refused.Fault, refused.Unavailable));
    }

    [Fact]
    public async Task Required_encryption_refuses_a_clear_offer_and_offers_keys() // SECURITY.md S15
    {
        await using TestNode node = await TestNode.StartAsync();
        using var peer = new FakePeer();
        var leg = new LegId(TestNode.NewCall(), 1);
        LegPolicy required = TestCall.Policy(SrtpPolicy.Required);
        Assert.Equal(LegFaults.EncryptionMismatch, (await node.Client.ReceiveOfferAsync(leg, required, peer.Sdp(), Cancel)).Fault);
        LegDescription offer = await node.Client.OfferAsync(leg with { Leg = 2 }, required, null, Cancel);
        Assert.Contains("RTP/SAVP ", offer.LocalSdp, StringComparison.Ordinal);
        Assert.Equal(LegFaults.EncryptionMismatch, (await node.Client.ReceiveAnswerAsync(leg with { Leg = 2 }, peer.Sdp(), Cancel)).Fault);
    }

    [Fact]
    public async Task Two_parties_without_a_common_codec_are_told_so()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var a = new FakePeer();
        using var b = new FakePeer();
        var call = TestNode.NewCall();
        (LegId legA, LegId legB) = (new LegId(call, 1), new LegId(call, 2));
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), a.Sdp("3"), Cancel)).Accepted);   // GSM: passed through, never decoded
        LegDescription offer = await node.Client.OfferAsync(legB, TestCall.Policy(), legA, Cancel);
        Assert.Contains(" RTP/AVP 3 ", offer.LocalSdp, StringComparison.Ordinal); // nothing that A could not hear
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.ReceiveAnswerAsync(legB, b.Sdp("8"), Cancel)).Fault);

        // A party that is already talking in something else.
        Assert.True((await node.Client.ReceiveOfferAsync(legB, TestCall.Policy(), b.Sdp("8"), Cancel)).Accepted);
        Assert.True((await node.Client.AnswerAsync(legB, null, Cancel)).Accepted);
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.AnswerAsync(legA, legB, Cancel)).Fault);
    }

    [Fact]
    public async Task The_callers_codecs_are_offered_first_and_the_callees_choice_is_answered()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA: "0 8 101", formatsB: "8 101");
        Assert.StartsWith("m=audio ", Line(call.B.NodeSdp, "m=audio"), StringComparison.Ordinal);
        Assert.Contains(" RTP/AVP 0 8 ", Line(call.B.NodeSdp, "m=audio"), StringComparison.Ordinal);
        Assert.Contains(" RTP/AVP 8 101", Line(call.A.NodeSdp, "m=audio"), StringComparison.Ordinal);
        await TestCall.PassesAsync(call.A, call.B);
    }

    [Fact]
    public async Task Who_may_speak_some_codecs_only_is_offered_those_in_its_own_order()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var a = new FakePeer();
        using var b = new FakePeer();
        var call = TestNode.NewCall();
        (LegId legA, LegId legB) = (new LegId(call, 1), new LegId(call, 2));
        LegPolicy only = TestCall.Policy() with { Codecs = ["G722", "PCMA"], OnlyTheseCodecs = true };
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), a.Sdp("0 8 101"), Cancel)).Accepted);
        LegDescription offer = await node.Client.OfferAsync(legB, only, legA, Cancel);
        Assert.Contains(" RTP/AVP 9 8 101", Line(offer.LocalSdp!, "m=audio"), StringComparison.Ordinal);        // not the caller's PCMU, which comes first there
        Assert.True((await node.Client.ReceiveAnswerAsync(legB, b.Sdp("9"), Cancel)).Accepted);

        // As a caller it is answered in its order, too (RFC 3264 §6.1).
        var other = new LegId(TestNode.NewCall(), 1);
        Assert.True((await node.Client.ReceiveOfferAsync(other, only, b.Sdp("0 8 9 101"), Cancel)).Accepted);
        Assert.Equal("G722", (await node.Client.AnswerAsync(other, null, Cancel)).Codec);
        LegDescription refused = await node.Client.ReceiveOfferAsync(other with { Leg = 2 }, only, b.Sdp("0 101"), Cancel);
        Assert.Equal((false, LegFaults.NoCommonCodec), (refused.Accepted, refused.Fault));
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.ReceiveOfferAsync(other with { Leg = 3 }, only, b.Sdp("3"), Cancel)).Fault);     // nothing passes through
    }

    [Fact]
    public async Task What_is_to_be_decoded_is_offered_and_taken_in_no_codec_that_only_passes_through()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var peer = new FakePeer();
        LegPolicy listened = TestCall.Policy() with { DecodableOnly = true };
        var caller = new LegId(TestNode.NewCall(), 1);
        LegDescription refused = await node.Client.ReceiveOfferAsync(caller, listened, peer.Sdp("18 3 101"), Cancel);
        Assert.Equal((false, LegFaults.NoCommonCodec), (refused.Accepted, refused.Fault));

        Assert.True((await node.Client.ReceiveOfferAsync(caller, listened, peer.Sdp("18 9 101"), Cancel)).Accepted);
        LegId callee = caller with { Leg = 2 };
        string offer = (await node.Client.OfferAsync(callee, listened, caller, Cancel)).LocalSdp!;
        Assert.StartsWith("9 ", string.Join(' ', Line(offer, "m=audio").Split(' ')[3..]), StringComparison.Ordinal);       // the caller's goes first still
        Assert.DoesNotContain("G729", offer, StringComparison.Ordinal);
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.ReceiveAnswerAsync(callee, peer.Sdp("18"), Cancel)).Fault);
        Assert.True((await node.Client.ReceiveAnswerAsync(callee, peer.Sdp("8"), Cancel)).Accepted);
        Assert.Equal("G722", (await node.Client.AnswerAsync(caller, callee, Cancel)).Codec);

        // A phone that may speak G.729 alone, and a caller of which nobody knows yet that the call will be recorded.
        LegPolicy only = listened with { Codecs = ["G729", "PCMU"], OnlyTheseCodecs = true };
        Assert.Equal("PCMU", (await AskAsync(only)).Codec);
        Assert.Equal(LegFaults.NoCommonCodec, (await AskAsync(only with { Codecs = ["G729"] })).Fault);
        LegId open = caller with { Leg = 7 };
        Assert.True((await node.Client.ReceiveOfferAsync(open, TestCall.Policy(), peer.Sdp("18"), Cancel)).Accepted);
        Assert.Equal(LegFaults.NoCommonCodec, (await node.Client.OfferAsync(caller with { Leg = 8 }, listened, open, Cancel)).Fault);

        async Task<LegDescription> AskAsync(LegPolicy policy)
        {
            LegId leg = new(TestNode.NewCall(), 1);
            LegDescription offered = await node.Client.ReceiveOfferAsync(leg, policy, peer.Sdp("18 0"), Cancel);
            return offered.Accepted ? await node.Client.AnswerAsync(leg, null, Cancel) : offered;
        }
    }

    [Fact]
    public async Task The_same_command_twice_gives_the_same_answer()
    {
        await using TestNode node = await TestNode.StartAsync();
        var leg = new LegId(TestNode.NewCall(), 1);
        LegDescription first = await node.Client.OfferAsync(leg, TestCall.Policy(), null, Cancel);
        Assert.Equal(first, await node.Client.OfferAsync(leg, TestCall.Policy(), null, Cancel));
        using var peer = new FakePeer();
        LegDescription agreed = await node.Client.ReceiveAnswerAsync(leg, peer.Sdp(), Cancel);
        Assert.Equal(agreed, await node.Client.ReceiveAnswerAsync(leg, peer.Sdp(), Cancel));
        Assert.Equal("PCMA", agreed.Codec);
    }

    [Fact]
    public async Task An_early_answer_stays_the_answer_when_the_callee_chose_the_other_law()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var a = new FakePeer();
        using var b = new FakePeer();
        var call = TestNode.NewCall();
        (LegId legA, LegId legB) = (new LegId(call, 1), new LegId(call, 2));
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), a.Sdp("8 0"), Cancel)).Accepted);
        LegDescription early = await node.Client.AnswerAsync(legA, null, Cancel);
        Assert.Equal("PCMA", early.Codec);
        b.Learn((await node.Client.OfferAsync(legB, TestCall.Policy(), legA, Cancel)).LocalSdp);
        Assert.True((await node.Client.ReceiveAnswerAsync(legB, b.Sdp("0"), Cancel)).Accepted);
        Assert.Equal(early, await node.Client.AnswerAsync(legA, legB, Cancel));
        a.Learn(early.LocalSdp);
        await node.Client.BridgeAsync(legA, legB, Cancel);
        a.Send(8, 0xD5);
        Assert.Equal(0, (await b.HearAsync())!.PayloadType);
    }

    [Fact]
    public async Task A_call_that_goes_in_clear_and_encrypted_again_keeps_its_counters()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        string encrypted = call.A.NodeSdp;
        call.A.Learn((await ReofferAsync(call, call.A.Sdp(version: 2))).LocalSdp, keepKeys: true);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
        call.A.Learn((await ReofferAsync(call, call.A.Sdp(secure: true, version: 3))).LocalSdp);
        Assert.Equal(Line(encrypted, "a=crypto"), Line(call.A.NodeSdp, "a=crypto"));
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    [Theory]
    [InlineData("AES_CM_128_HMAC_SHA1_80")]
    [InlineData("AEAD_AES_128_GCM")]
    public async Task A_new_key_leaves_no_gap_since_what_is_on_its_way_under_the_former_one_is_heard(string suite)      // INTEROP I62
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true, suiteA: suite);
        await TestCall.PassesAsync(call.A, call.B);
        foreach (int version in (int[])[2, 3])
        {
            call.A.MakeNewKey();
            LegDescription answer = await ReofferAsync(call, call.A.Sdp(secure: true, version: version));
            for (byte i = 0; i < 5; i++)
                await TestCall.PassesAsync(call.A, call.B, i);                  // our answer has not come yet
            call.A.Learn(answer.LocalSdp);
            call.A.UseNewKey();
            for (byte i = 0; i < 5; i++)
                await TestCall.PassesAsync(call.A, call.B, i);
            await TestCall.PassesAsync(call.B, call.A);
        }
        call.A.MakeNewKey();
        await ReofferAsync(call, call.A.Sdp(secure: true, version: 4));
        for (byte i = 0; i < 2; i++)
            await TestCall.PassesAsync(call.A, call.B, i);                      // after the second the loop knows of the new key
        time.Advance(TimeSpan.FromSeconds(6));
        call.A.Send(8, 1);
        Assert.Null(await call.B.HearAsync(200));                               // not for ever
        call.A.UseNewKey();
        await TestCall.PassesAsync(call.A, call.B);
        Assert.Equal(1, (await node.Client.RemoveAsync(call.LegA, Cancel)).SrtpFailures);
    }

    [Fact]
    public void No_mutilated_description_throws()
    {
        using var peer = new FakePeer();
        var random = new Random(4711);
        foreach (string sdp in (string[])[peer.Sdp("8 0 3 9 96 101", secure: true), peer.Sdp(extra: "a=rtcp-mux\r\na=ptime:20\r\n")])
        {
            for (int i = 0; i < 3000; i++)
            {
                char[] text = sdp.ToCharArray();
                for (int change = random.Next(1, 6); change > 0; change--)
                    text[random.Next(text.Length)] = (char)random.Next(1, 256);
                string mutilated = random.Next(4) == 0 ? new string(text)[..random.Next(text.Length)] : new string(text);
                var answering = new LegNegotiation("1", "127.0.0.1", 20_000, octets => octets.Clear()) { Policy = TestCall.Policy() };
                if (answering.ReceiveOffer(Sdp.SessionDescription.TryParse(mutilated.AsSpan(), out Sdp.SessionDescription? offer) == Sdp.SdpParseError.None ? offer : null).Accepted)
                    answering.Answer(null);
                var offering = new LegNegotiation("1", "127.0.0.1", 20_000, octets => octets.Clear()) { Policy = TestCall.Policy(offerSecure: true) };
                offering.Offer(null);
                offering.ReceiveAnswer(mutilated);
            }
        }
    }

    [Fact]
    public async Task A_public_address_is_announced_to_peers_from_outside_only()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("PublicAddress", "203.0.113.7"));
        var call = TestNode.NewCall();
        LegDescription outside = await node.Client.OfferAsync(new LegId(call, 1), TestCall.Policy(signalling: "198.51.100.9"), null, Cancel);
        LegDescription inside = await node.Client.OfferAsync(new LegId(call, 2), TestCall.Policy(), null, Cancel);
        Assert.Contains("c=IN IP4 203.0.113.7\r\n", outside.LocalSdp, StringComparison.Ordinal);
        Assert.Contains("c=IN IP4 127.0.0.1\r\n", inside.LocalSdp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_of_a_named_local_network_does_not_get_the_public_address()
    {
        await using TestNode node = await TestNode.StartAsync(null, null, ("PublicAddress", "203.0.113.7"), ("LocalNets:0", "10.0.0.0/8"), ("LocalNets:1", "198.51.100.0/24"));
        LegDescription offer = await node.Client.OfferAsync(new LegId(TestNode.NewCall(), 1), TestCall.Policy(signalling: "198.51.100.9"), null, Cancel);
        Assert.DoesNotContain("203.0.113.7", offer.LocalSdp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_for_an_unknown_leg_is_refused()
    {
        await using TestNode node = await TestNode.StartAsync();
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.Equal(LegFaults.UnknownLeg, (await node.Client.AnswerAsync(leg, null, Cancel)).Fault);
        await node.Client.BridgeAsync(leg, leg with { Leg = 2 }, Cancel); // refused, but nothing to throw
        Assert.Equal(LegStatistics.None, await node.Client.RemoveAsync(leg, Cancel));
    }

    [Theory]
    [InlineData("AES_CM_128_HMAC_SHA1_32")]
    [InlineData("AES_256_CM_HMAC_SHA1_80")]
    public async Task Our_re_INVITE_offers_the_suite_and_key_in_force_first(string suite)                    // INTEROP I62
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true, suiteA: suite);
        string key = Line(call.A.NodeSdp, "a=crypto");
        LegDescription offer = await node.Client.OfferAsync(call.LegA, TestCall.Policy(), call.LegB, Cancel);
        Assert.Equal(key, Line(offer.LocalSdp!, "a=crypto"));
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegA, call.A.Sdp(secure: true, version: 2), Cancel)).Accepted);
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    private static async Task<LegDescription> ReofferAsync(TestCall call, string sdp)
    {
        Assert.True((await call.Node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), sdp, Cancel)).Accepted);
        LegDescription answer = await call.Node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.True(answer.Accepted, answer.Fault);
        return answer;
    }

    private static string Line(string sdp, string start) => sdp.Split("\r\n").First(l => l.StartsWith(start, StringComparison.Ordinal));
}
