using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Digits as tones in codecs that are wider than the telephone's, both ways.</summary>
public sealed class InbandDigitsTests
{
    private static CancellationToken Cancel => CancellationToken.None;

    [Theory]
    [InlineData("9", true)]
    [InlineData("96", true)]
    [InlineData("9", false)]
    [InlineData("0", false)]
    public async Task Tones_of_one_party_are_digits_and_events_to_the_other(string format, bool isExpected)      // a peer that was offered telephone events and takes none has no other way
    {
        if (format == "96" && !OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", format);
        if (isExpected)
        {
            await node.Client.OfferAsync(call.LegB, TestCall.Policy() with { InbandDigits = true, TelephoneEvent = false }, call.LegA, Cancel);
            Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp(format, version: 2), Cancel)).Accepted);
        }
        IAudioCodec encoder = Codec(format);
        int frame = encoder.SampleRate / 50;
        short[] samples = Dtmf.Generate("5", encoder.SampleRate);
        byte[] payload = new byte[1500];
        List<Heard> heard = [];
        byte type = byte.Parse(format, System.Globalization.CultureInfo.InvariantCulture);
        for (int at = 0; at + frame <= samples.Length; at += frame)
        {
            int length = encoder.Encode(samples.AsSpan(at, frame), payload);
            call.B.SendPayload(type, payload.AsSpan(0, length), at == 0, call.B.Timestamp += (uint)(encoder.ClockRate / 50));
            if (await call.A.HearAsync(30) is { } packet)
                heard.Add(packet);
        }
        Assert.StartsWith("digit 5", await node.ReportAsync(), StringComparison.Ordinal);
        while (await call.A.HearAsync(250) is { } packet)
            heard.Add(packet);
        Assert.Equal(5, heard.Where(packet => packet.PayloadType == 101).Select(packet => packet.Payload[0]).Distinct().Single());
    }

    [Theory]
    [InlineData("9")]
    [InlineData("96")]
    public async Task Keys_of_one_party_are_tones_in_the_others_codec(string format)
    {
        if (format == "96" && !OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", format);
        await node.Client.OfferAsync(call.LegB, TestCall.Policy() with { InbandDigits = true, TelephoneEvent = false }, call.LegA, Cancel);
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp(format, version: 2), Cancel)).Accepted);
        uint timestamp = call.A.Timestamp;
        for (int i = 1; i <= 5; i++)
            call.A.SendPayload(101, [9, (byte)(i >= 3 ? 0x8A : 0x0A), (byte)((i * 160) >> 8), (byte)(i * 160)], i == 1, timestamp);
        IAudioCodec decoder = Codec(format);
        List<short> all = [];
        short[] samples = new short[2000];
        while (await call.B.HearAsync(250) is { } packet)
            all.AddRange(samples.AsSpan(0, decoder.Decode(packet.Payload, samples)));
        ReadOnlySpan<short> tone = all.ToArray().AsSpan(640, 960);
        foreach (double hertz in (double[])[852, 1477])
            Assert.InRange(ToneDetector.LevelAt(tone, 16000, hertz), -13, -5);
    }

    [Fact]
    public async Task A_peer_that_tells_of_keys_by_its_signalling_is_not_listened_to()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", "0");
        await node.Client.OfferAsync(call.LegB, TestCall.Policy() with { SignalledDigits = true, TelephoneEvent = false }, call.LegA, Cancel);
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp("0", version: 2), Cancel)).Accepted);
        IAudioCodec encoder = Codec("0");
        short[] samples = Dtmf.Generate("5", 8000);
        byte[] payload = new byte[160];
        for (int at = 0; at + 160 <= samples.Length; at += 160)
        {
            encoder.Encode(samples.AsSpan(at, 160), payload);
            call.B.SendPayload(0, payload, at == 0, call.B.Timestamp += 160);
            Assert.NotEqual(101, (await call.A.HearAsync(1000))!.PayloadType);
        }
    }

    private static IAudioCodec Codec(string format) => format switch { "0" => AudioFormats.Create(AudioFormat.Pcmu)!, "9" => new G722Codec(), _ => new OpusCodec() };
}
