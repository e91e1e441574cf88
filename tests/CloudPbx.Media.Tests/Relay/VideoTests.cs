using CloudPbx.MediaControl;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security.Dtls;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Video passed on between two legs, with the feedback of both sides (RFC 4585), and SRTP as each side wants it.</summary>
public sealed class VideoTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Pictures_and_feedback_pass_untouched_encrypted_as_each_side_wants(bool secureA, bool secureB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, secureA: secureA, secureB: secureB);
        using PassedPeer a = new(), b = new();
        await AddAsync(node, call, a, b, secureA, secureB);
        Assert.Equal(["m=audio", "m=video"], Kinds(call.A.NodeSdp));
        Assert.Contains("a=rtcp-fb:96 nack pli", call.B.NodeSdp, StringComparison.Ordinal);
        Assert.Contains("b=AS:512", call.B.NodeSdp, StringComparison.Ordinal);
        Assert.DoesNotContain("10.9.8.7", call.B.NodeSdp, StringComparison.Ordinal);          // A's own addresses are no business of B's
        Assert.DoesNotContain("H264", call.A.NodeSdp, StringComparison.Ordinal);              // B has VP8 alone
        for (ushort i = 0; i < 5; i++)
        {
            await PassesAsync(a, b, Picture(0xA0A0A0A0, i));
            await PassesAsync(b, a, Picture(0xB0B0B0B0, i));
        }
        byte[] lost = Feedback(0xB0B0B0B0, 0xA0A0A0A0, 206, 1);                               // PLI
        b.SendRtcp(lost);
        Assert.Equal(lost, await a.HearRtcpAsync());
        byte[] nack = Feedback(0xA0A0A0A0, 0xB0B0B0B0, 205, 1);
        a.SendRtcp(nack);
        Assert.Equal(nack, await b.HearRtcpAsync());
        await TestCall.PassesAsync(call.A, call.B);                                           // the audio as ever
        LegStatistics figures = await node.Client.RemoveAsync(call.LegB, Cancel);
        Assert.Equal((6L, 6L, 0L), (figures.PassedReceived, figures.PassedSent, figures.SrtpFailures));
    }

    [Fact]
    public async Task Two_browsers_see_each_other_on_the_transport_that_they_talk_on()          // RFC 9143
    {
        if (!DtlsCertificate.IsAvailable)
            Assert.Skip(DtlsCertificate.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using FakeBrowser a = new(), b = new() { Ufrag = "BrwB", Ssrc = 4343 };
        var call = TestNode.NewCall();
        LegId legA = new(call, 1), legB = new(call, 2);
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), a.Sdp(video: true), Cancel)).Accepted);
        LegDescription toB = await node.Client.OfferAsync(legB, TestCall.Policy() with { WebRtc = true }, legA, Cancel);
        Assert.Contains("a=group:BUNDLE 0 1\r\n", toB.LocalSdp, StringComparison.Ordinal);
        Assert.DoesNotContain("browserbrowser", toB.LocalSdp, StringComparison.Ordinal);
        b.Learn(toB.LocalSdp!);
        LegDescription fromB = await node.Client.ReceiveAnswerAsync(legB, b.Sdp("active", "8 126", video: true), Cancel);
        Assert.True(fromB is { Accepted: true, PassesMore: true }, fromB.Fault);
        LegDescription toA = await node.Client.AnswerAsync(legA, legB, Cancel);
        Assert.True(toA is { Accepted: true, PassesMore: true }, toA.Fault);
        a.Learn(toA.LocalSdp!);
        await node.Client.BridgeAsync(legA, legB, Cancel);
        foreach (FakeBrowser browser in (FakeBrowser[])[a, b])
        {
            Assert.True(await browser.CheckAsync());
            await browser.ShakeHandsAsync();
        }
        for (ushort i = 0; i < 5; i++)
        {
            byte[] seen = Picture(0xA0A0A0A0, i), back = Picture(0xB0B0B0B0, i), said = a.Send(8, (byte)i);
            Assert.Equal(said, await b.HearAsync());
            a.SendRaw(seen);
            Assert.Equal(seen, await b.SeeAsync(0xA0A0A0A0));
            b.SendRaw(back);
            Assert.Equal(back, await a.SeeAsync(0xB0B0B0B0));
            Assert.Equal(b.Send(8, (byte)(i + 50)), await a.HearAsync());
        }
        byte[] pli = Feedback(0xB0B0B0B0, 0xA0A0A0A0, 206, 1), nack = Feedback(0xA0A0A0A0, 0xB0B0B0B0, 205, 1);
        b.SendRaw(pli);
        Assert.Equal(pli, await a.SeeAsync(0xB0B0B0B0));
        a.SendRaw(nack);
        Assert.Equal(nack, await b.SeeAsync(0xA0A0A0A0));
        LegStatistics figures = await node.Client.RemoveAsync(legA, Cancel);
        Assert.Equal((6L, 6L, 5L, 0L), (figures.PassedReceived, figures.PassedSent, figures.PacketsReceived, figures.SrtpFailures));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_browser_and_a_phone_see_each_other(bool secure)
    {
        if (!DtlsCertificate.IsAvailable)
            Assert.Skip(DtlsCertificate.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using var browser = new FakeBrowser();
        using var phone = new FakePeer();
        using PassedPeer screen = new();
        var call = TestNode.NewCall();
        LegId legA = new(call, 1), legB = new(call, 2);
        Assert.True((await node.Client.ReceiveOfferAsync(legA, TestCall.Policy(), browser.Sdp(video: true), Cancel)).Accepted);
        LegDescription toB = await node.Client.OfferAsync(legB, TestCall.Policy(offerSecure: secure), legA, Cancel);
        phone.Learn(toB.LocalSdp);
        screen.Learn(toB.LocalSdp, "video");
        Assert.Contains(secure ? "RTP/SAVPF 96 97" : "RTP/AVPF 96 97", toB.LocalSdp, StringComparison.Ordinal);
        LegDescription fromB = await node.Client.ReceiveAnswerAsync(legB, phone.Sdp("8 101", secure) + screen.Video("96", secure), Cancel);
        Assert.True(fromB is { Accepted: true, PassesMore: true }, fromB.Fault);
        LegDescription toA = await node.Client.AnswerAsync(legA, legB, Cancel);
        Assert.True(toA is { Accepted: true, PassesMore: true }, toA.Fault);
        browser.Learn(toA.LocalSdp!);
        await node.Client.BridgeAsync(legA, legB, Cancel);
        Assert.True(await browser.CheckAsync());
        await browser.ShakeHandsAsync();
        for (ushort i = 0; i < 5; i++)
        {
            byte[] seen = Picture(0xA0A0A0A0, i), back = Picture(0xB0B0B0B0, i);
            browser.SendRaw(seen);
            Assert.Equal(seen, await screen.HearAsync());
            screen.Send(back);
            Assert.Equal(back, await browser.SeeAsync(0xB0B0B0B0));
        }
        byte[] pli = Feedback(0xA0A0A0A0, 0xB0B0B0B0, 206, 1);
        browser.SendRaw(pli);
        Assert.Equal(pli, await screen.HearRtcpAsync());
    }

    [Fact]
    public async Task A_side_without_video_keeps_port_0_and_is_not_asked_at_every_hold()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var phone = new FakePeer();
        using PassedPeer video = new();
        using TestCall call = await TestCall.ConnectAsync(node, a: phone, sdpA: phone.Sdp() + video.Video());
        Assert.Contains("m=video 0 RTP/AVP 96 97", call.A.NodeSdp, StringComparison.Ordinal);
        await TestCall.PassesAsync(call.A, call.B);
        LegDescription hold = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), phone.Sdp(direction: "sendonly", version: 2) + video.Video(), Cancel);
        Assert.False(hold.AsksPartner);
    }

    [Fact]
    public async Task A_new_key_loses_no_picture_since_what_is_on_its_way_under_the_former_one_is_passed()      // INTEROP I62
    {
        var time = new FakeTimeProvider();
        await using TestNode node = await TestNode.StartAsync(time);
        using TestCall call = await TestCall.ConnectAsync(node, secureA: true);
        using PassedPeer a = new(), b = new();
        await AddAsync(node, call, a, b, true, false);
        ushort sequence = 0;
        await PassesAsync(a, b, Picture(7, sequence++));
        foreach (int version in (int[])[3, 4])
        {
            a.MakeNewKey();
            LegDescription answer = await RekeyAsync(version);
            for (int i = 0; i < 5; i++)
                await PassesAsync(a, b, Picture(7, sequence++));                // our answer has not come yet
            byte[] asked = Feedback(7, 8, 206, 1);
            a.SendRtcp(asked);
            Assert.Equal(asked, await b.HearRtcpAsync());
            a.Learn(answer.LocalSdp, "video");
            a.UseNewKey();
            for (int i = 0; i < 5; i++)
                await PassesAsync(a, b, Picture(7, sequence++));
            await PassesAsync(b, a, Picture(8, sequence));                      // our own key is as it was
        }
        a.MakeNewKey();
        await RekeyAsync(5);
        await PassesAsync(a, b, Picture(7, sequence++));
        await PassesAsync(a, b, Picture(7, sequence++));                        // after it the loop knows of the new key
        time.Advance(TimeSpan.FromSeconds(6));
        a.Send(Picture(7, sequence++));
        Assert.Null(await b.HearAsync(200));                                    // not for ever
        a.UseNewKey();
        await PassesAsync(a, b, Picture(7, sequence));
        Assert.Equal(1, (await node.Client.RemoveAsync(call.LegA, Cancel)).SrtpFailures);

        async Task<LegDescription> RekeyAsync(int version)
        {
            LegDescription offer = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(secure: true, version: version) + a.Video("96", secure: true), Cancel);
            Assert.True(offer is { Accepted: true, AsksPartner: false }, offer.Fault);       // it ends at the leg, as the audio's does
            LegDescription answered = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
            Assert.True(answered is { Accepted: true, PassesMore: true }, answered.Fault);
            return answered;
        }
    }

    [Fact]
    public async Task Hold_ends_at_the_leg_for_the_picture_too()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        await AddAsync(node, call, a, b, false, false);
        await PassesAsync(b, a, Picture(2, 0));
        LegDescription hold = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(direction: "sendonly", version: 3) + a.Video("96", direction: "sendonly"), Cancel);
        Assert.False(hold.AsksPartner);
        LegDescription held = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.Equal(2, held.LocalSdp!.Split("a=recvonly").Length - 1);
        b.Send(Picture(2, 1));
        Assert.Null(await a.HearAsync(100));
        await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(version: 4) + a.Video("96"), Cancel);
        Assert.True((await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).PassesMore);
        await PassesAsync(b, a, Picture(2, 2));
    }

    [Fact]
    public async Task Who_hears_music_instead_of_the_other_party_does_not_see_it()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        await AddAsync(node, call, a, b, false, false);
        await PassesAsync(b, a, Picture(2, 0));
        Assert.True(await node.Client.PromptAsync(call.LegA, new PromptRequest { Name = "hold", Sounds = ["silence/500"], Loop = true }, Cancel));
        b.Send(Picture(2, 1));
        Assert.Null(await a.HearAsync(100));
        await node.Client.StopAsync(call.LegA, Cancel);
        await PassesAsync(b, a, Picture(2, 2));
    }

    [Fact]
    public async Task A_party_that_turns_its_video_off_has_the_other_one_asked()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        using PassedPeer a = new(), b = new();
        await AddAsync(node, call, a, b, false, false);
        LegDescription off = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(version: 3) + "m=video 0 RTP/AVP 96\r\n", Cancel);
        Assert.True(off.AsksPartner);
        LegDescription toB = await node.Client.OfferAsync(call.LegB, TestCall.Policy(), call.LegA, Cancel);
        Assert.Contains("m=video 0 ", toB.LocalSdp, StringComparison.Ordinal);
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp(version: 3) + "m=video 0 RTP/AVP 96\r\n", Cancel)).Accepted);
        Assert.False((await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel)).PassesMore);
        b.Send(Picture(2, 0));
        Assert.Null(await a.HearAsync(100));
        await TestCall.PassesAsync(call.A, call.B);
    }

    private static byte[] Picture(uint ssrc, ushort sequence)
    {
        byte[] packet = new byte[1200];
        packet.AsSpan().Fill((byte)sequence);
        RtpHeader.Write(packet, 96, true, sequence, 3000u * sequence, ssrc);
        return packet;
    }

    /// <summary>A receiver report without blocks, and one feedback message (RFC 4585 §6.1).</summary>
    private static byte[] Feedback(uint from, uint about, byte type, byte format)
    {
        byte[] packet = [0x80, 201, 0, 1, 0, 0, 0, 0, (byte)(0x80 | format), type, 0, type == 205 ? (byte)3 : (byte)2, 0, 0, 0, 0, 0, 0, 0, 0, .. type == 205 ? (byte[])[0, 17, 0, 3] : []];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), from);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), from);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), about);
        return packet;
    }

    private static async Task PassesAsync(PassedPeer from, PassedPeer to, byte[] datagram)
    {
        from.Send(datagram);
        Assert.Equal(datagram, await to.HearAsync());
    }

    private static string[] Kinds(string sdp) => [.. sdp.Split("\r\n").Where(l => l.StartsWith("m=", StringComparison.Ordinal)).Select(l => l.Split(' ')[0])];

    /// <summary>A adds video to the call; B takes VP8.</summary>
    private static async Task AddAsync(TestNode node, TestCall call, PassedPeer a, PassedPeer b, bool secureA, bool secureB)
    {
        LegDescription offer = await node.Client.ReceiveOfferAsync(call.LegA, TestCall.Policy(), call.A.Sdp(secure: secureA, version: 2) + a.Video(secure: secureA), Cancel);
        Assert.True(offer is { Accepted: true, AsksPartner: true }, offer.Fault);
        LegDescription toB = await node.Client.OfferAsync(call.LegB, TestCall.Policy(offerSecure: secureB), call.LegA, Cancel);
        b.Learn(toB.LocalSdp, "video");
        call.B.Learn(toB.LocalSdp);
        LegDescription fromB = await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp(secure: secureB, version: 2) + b.Video("96", secureB), Cancel);
        Assert.True(fromB is { Accepted: true, PassesMore: true }, fromB.Fault);
        LegDescription toA = await node.Client.AnswerAsync(call.LegA, call.LegB, Cancel);
        Assert.True(toA is { Accepted: true, PassesMore: true }, toA.Fault);
        a.Learn(toA.LocalSdp, "video");
        call.A.Learn(toA.LocalSdp);
    }
}
