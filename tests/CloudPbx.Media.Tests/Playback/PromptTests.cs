using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Playback;

/// <summary>Prompts, music and digits through a node's sockets.</summary>
public sealed class PromptTests
{
    private static CancellationToken Cancel => CancellationToken.None;

    [Theory]
    [InlineData("8", 20)]
    [InlineData("0", 10)]
    [InlineData("9", 40)]
    [InlineData("96", 60)]
    public async Task A_prompt_is_heard_in_the_legs_codec_and_packet_time_without_a_seam_and_its_end_is_told(string format, int ptime)
    {
        if (format == "96" && !OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using var peer = new FakePeer();
        LegId leg = await AnswerAsync(node, peer, format + " 101", extra: $"a=ptime:{ptime}\r\n");
        Assert.True(await node.Client.PromptAsync(leg, new PromptRequest { Name = "p1", Sounds = ["en/goodbye", "dtmf/5"] }, Cancel));
        List<Heard> heard = await HearAllAsync(peer);
        Assert.Equal("played p1 Finished leg 1", await node.ReportAsync());
        int clock = format == "96" ? 48 : 8;
        Assert.InRange(heard.Count * ptime, 850, 1050);
        for (int i = 1; i < heard.Count; i++)
            Assert.Equal(((ushort)(heard[i - 1].Sequence + 1), heard[i - 1].Timestamp + (uint)(clock * ptime), false), (heard[i].Sequence, heard[i].Timestamp, heard[i].Marker));
        Assert.True(await node.Client.PromptAsync(leg, new PromptRequest { Name = "p1", Sounds = ["en/goodbye", "dtmf/5"] }, Cancel));   // the same command again
        Assert.Null(await peer.HearAsync(100));
        Assert.False(await node.Client.PromptAsync(leg, new PromptRequest { Name = "p2", Sounds = ["en/no-such"] }, Cancel));
    }

    [Fact]
    public async Task A_prompt_covers_the_partner_ends_by_a_digit_and_takes_what_is_queued_with_it()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await node.Client.PromptAsync(call.LegA, new PromptRequest { Name = "music", Sounds = ["music/default"], Loop = true, Until = "#" }, Cancel);
        await node.Client.PromptAsync(call.LegA, new PromptRequest { Name = "next", Sounds = ["en/goodbye"], Queue = true }, Cancel);
        Assert.NotNull(await call.A.HearAsync());
        byte[] covered = call.B.Send(8, 0x33);
        for (int i = 0; i < 5; i++)
            Assert.NotEqual(covered, (await call.A.HearAsync())!.Payload);
        await TestCall.PassesAsync(call.A, call.B);                                         // the other way goes on
        Press(call.A, 101, 11);
        Assert.Equal("played music Digit # leg 1", await After("digit", node));
        Assert.Equal("played next Digit # leg 1", await node.ReportAsync());
        await HearAllAsync(call.A);
        Heard talk = await TestCall.PassesAsync(call.B, call.A);
        Assert.True(talk.Marker);
    }

    [Fact]
    public async Task Music_goes_on_when_the_party_that_hears_it_is_asked_or_asks_anew()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node);
        await node.Client.PromptAsync(call.LegB, new PromptRequest { Name = "music", Sounds = ["music/default"], Loop = true }, Cancel);
        Assert.NotNull(await call.B.HearAsync());
        Assert.True((await node.Client.ReceiveOfferAsync(call.LegB, TestCall.Policy(), call.B.Sdp("0 101", version: 2), Cancel)).Accepted);
        Assert.True((await node.Client.AnswerAsync(call.LegB, call.LegA, Cancel)).Accepted);
        Heard? heard = await call.B.HearAsync();
        while (heard is { PayloadType: not 0 })
            heard = await call.B.HearAsync();
        Assert.NotNull(heard);
        await node.Client.BridgeAsync(call.LegB, call.LegA, Cancel);                        // a command ends it
        Assert.Equal("played music Stopped leg 2", await node.ReportAsync());
    }

    [Fact]
    public async Task Music_goes_on_over_a_change_of_codec_and_stops_when_told()
    {
        await using TestNode node = await TestNode.StartAsync();
        using var peer = new FakePeer();
        LegId leg = await AnswerAsync(node, peer, "8 101");
        await node.Client.PromptAsync(leg, new PromptRequest { Name = "music", Sounds = ["music/default"], Loop = true }, Cancel);
        Assert.Equal(8, (await peer.HearAsync())!.PayloadType);
        await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp("9 101", version: 2), Cancel);
        await node.Client.AnswerAsync(leg, null, Cancel);
        Heard? heard;
        while ((heard = await peer.HearAsync())!.PayloadType == 8)
        {
        }
        Assert.Equal(9, heard.PayloadType);
        await node.Client.StopAsync(leg, Cancel);
        Assert.Equal("played music Stopped leg 1", await node.ReportAsync());
        await HearAllAsync(peer);
    }

    [Fact]
    public async Task Keys_are_sent_as_events_where_the_peer_takes_them()                      // RFC 4733 §2.5.1
    {
        await using TestNode node = await TestNode.StartAsync();
        using var peer = new FakePeer();
        LegId leg = await AnswerAsync(node, peer, "8 101");
        await node.Client.SendDigitsAsync(leg, "4#", Cancel);
        List<Heard> heard = await HearAllAsync(peer);
        Assert.All(heard, packet => Assert.Equal(101, packet.PayloadType));
        Heard[][] presses = [.. heard.GroupBy(packet => packet.Timestamp).Select(press => press.ToArray())];
        Assert.Equal([4, 11], presses.Select(press => (int)press[0].Payload[0]));
        Assert.All(presses, press => Assert.Equal((true, 3), (press[0].Marker, press.Count(packet => (packet.Payload[1] & 0x80) != 0))));
        Assert.InRange(presses[1][0].Timestamp - presses[0][0].Timestamp, 8u * 180, 8u * 400);
    }

    [Fact]
    public async Task Keys_of_one_party_are_tones_to_one_without_events_and_its_tones_are_events_to_the_other()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", "8");                 // B has no telephone-event
        await node.Client.OfferAsync(call.LegB, TestCall.Policy() with { InbandDigits = true, TelephoneEvent = false }, call.LegA, Cancel);
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp("8", version: 2), Cancel)).Accepted);
        Press(call.A, 101, 7);
        Assert.StartsWith("digit 7", await node.ReportAsync(), StringComparison.Ordinal);
        short[] tone = Decode(await HearAllAsync(call.B));
        Assert.All([852.0, 1209.0], hertz => Assert.InRange(ToneDetector.LevelAt(tone.AsSpan(160, 640), 8000, hertz), -11, -7));
        byte[] octets = new byte[1600];
        G711.EncodeALaw(Dtmf.Generate("3", 8000), octets);
        List<Heard> heard = [];
        for (int i = 0; i < 10; i++)
        {
            call.B.SendPayload(8, octets.AsSpan(i * 160, 160), i == 0, call.B.Timestamp += 160);
            if (await call.A.HearAsync(20) is { } packet)
                heard.Add(packet);
        }
        Assert.StartsWith("digit 3", await node.ReportAsync(), StringComparison.Ordinal);
        heard.AddRange(await HearAllAsync(call.A));
        Assert.Equal(3, heard.Where(packet => packet.PayloadType == 101).Select(packet => packet.Payload[0]).Distinct().Single());
        Assert.True(heard.Count(packet => packet.PayloadType == 8) <= 5, "the rest of the tone is not heard as well");
    }

    private static async Task<LegId> AnswerAsync(TestNode node, FakePeer peer, string formats, string extra = "")
    {
        var leg = new LegId(TestNode.NewCall(), 1);
        Assert.True((await node.Client.ReceiveOfferAsync(leg, TestCall.Policy(), peer.Sdp(formats, extra: extra), Cancel)).Accepted);
        LegDescription answer = await node.Client.AnswerAsync(leg, null, Cancel);
        peer.Learn(answer.LocalSdp);
        return leg;
    }

    private static void Press(FakePeer peer, byte payloadType, byte code)
    {
        uint timestamp = peer.Timestamp += 160;
        for (int i = 1; i <= 5; i++)
            peer.SendPayload(payloadType, [code, (byte)(i >= 3 ? 0x8A : 0x0A), (byte)((i * 160) >> 8), (byte)(i * 160)], i == 1, timestamp);
    }

    private static async Task<string> After(string word, TestNode node)
    {
        string report;
        do
            report = await node.ReportAsync();
        while (report.StartsWith(word, StringComparison.Ordinal));
        return report;
    }

    private static async Task<List<Heard>> HearAllAsync(FakePeer peer)
    {
        List<Heard> heard = [];
        while (await peer.HearAsync(250) is { } packet)
            heard.Add(packet);
        return heard;
    }

    private static short[] Decode(List<Heard> heard)
    {
        byte[] octets = [.. heard.SelectMany(packet => packet.Payload)];
        short[] samples = new short[octets.Length];
        G711.DecodeALaw(octets, samples);
        return samples;
    }
}
