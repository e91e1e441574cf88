using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Comfort noise (RFC 3389): a talker that sends nothing in its pauses but how loud they are.</summary>
public sealed class NoiseTests
{
    private const byte NoiseType = 13;
    private const int Level = 40;                                       // −dBov: −33.9 dBm0

    private static CancellationToken Cancel => CancellationToken.None;

    [Fact]
    public async Task Noise_frames_are_taken_where_they_are_offered_and_then_offered_to_the_other_party() // §4
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 13 101", "8 13 101");
        Assert.Contains("a=rtpmap:13 CN/8000\r\n", call.B.NodeSdp, StringComparison.Ordinal);
        Assert.Contains(" RTP/AVP 8 13 101", call.A.NodeSdp, StringComparison.Ordinal);
        using TestCall without = await TestCall.ConnectAsync(node, "8 101", "8 101");
        Assert.DoesNotContain("CN/8000", without.B.NodeSdp, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Between_two_parties_that_both_have_them_noise_frames_are_passed_on()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 13 101", "8 13 101");
        await TestCall.PassesAsync(call.A, call.B);
        call.A.SendPayload(NoiseType, [Level], false, call.A.Timestamp);
        Heard heard = (await call.B.HearAsync())!;
        Assert.Equal((NoiseType, (byte)Level, 1), (heard.PayloadType, heard.Payload[0], heard.Payload.Length));
        Assert.Null(await call.B.HearAsync(100));
    }

    [Theory]
    [InlineData("8")]
    [InlineData("0")]
    [InlineData("9")]
    [InlineData("96")]
    public async Task A_party_without_noise_frames_hears_noise_of_that_level_until_the_talk_goes_on(string format) // §5.1
    {
        if (format == "96" && !OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 13 101", format + " 101");
        call.A.Send(8, 0xD5);
        Assert.NotNull(await call.B.HearAsync());
        call.A.SendPayload(NoiseType, [Level], false, call.A.Timestamp);
        List<short> noise = [];
        IAudioCodec decoder = Codec(format);
        short[] samples = new short[2000];
        Heard heard = null!;
        for (int i = 0; i < 25; i++)
        {
            heard = (await call.B.HearAsync())!;
            int length = decoder.Decode(heard.Payload, samples);
            if (i > 1)
                noise.AddRange(samples.AsSpan(0, length));
        }
        Assert.InRange(ComfortNoise.LevelOf(noise.ToArray()), Level - 4, Level + 4);
        call.A.Timestamp += 8000;
        call.A.Send(8, 0x55, marker: true);
        Heard speech;
        do
            speech = (await call.B.HearAsync())!;
        while (!speech.Marker);
        Assert.Equal(heard.Ssrc, speech.Ssrc);
        Assert.Null(await call.B.HearAsync(100));                       // the noise is over
    }

    [Fact]
    public async Task A_pause_of_Opus_is_told_to_a_party_that_has_noise_frames()        // RFC 7587 §3.1.3
    {
        if (!OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "96 101", "8 101");
        await node.Client.ReceiveOfferAsync(call.LegB, TestCall.Policy(), call.B.Sdp("8 13 101", version: 2), Cancel);
        Assert.True((await node.Client.AnswerAsync(call.LegB, call.LegA, Cancel)).Accepted);
        var encoder = new OpusCodec();
        byte[] payload = new byte[OpusCodec.MaxPayload];
        short[] samples = new short[320];
        new ToneGenerator(new Audio.Tones.Tone(500, LevelDbm0: -15), 16000).Read(samples);
        int length = encoder.Encode(samples, payload);
        call.A.SendPayload(96, payload.AsSpan(0, length), true, call.A.Timestamp);
        Assert.Equal(8, (await call.B.HearAsync())!.PayloadType);
        call.A.SendPayload(96, payload.AsSpan(0, 1), false, call.A.Timestamp += 960);   // nothing but how it is made: a frame of a pause
        Heard heard = (await call.B.HearAsync())!;
        Assert.Equal((NoiseType, 1), (heard.PayloadType, heard.Payload.Length));
    }

    [Fact]
    public async Task Noise_does_not_cover_a_prompt()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 13 101", "8 101");
        await node.Client.PromptAsync(call.LegB, new PromptRequest { Name = "p", Sounds = ["silence/500"] }, Cancel);
        Assert.NotNull(await call.B.HearAsync());
        call.A.SendPayload(NoiseType, [Level], false, call.A.Timestamp);
        for (int i = 0; i < 15; i++)
            Assert.All((await call.B.HearAsync())!.Payload, octet => Assert.Equal(0xD5, octet));
    }

    private static IAudioCodec Codec(string format) => format switch { "0" => new MuLawCodec(), "8" => new ALawCodec(), "9" => new G722Codec(), _ => new OpusCodec() };
}
