using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Digits as tones in codecs that are wider than the telephone's, both ways.</summary>
public sealed class InbandDigitsTests
{
    private static CancellationToken Cancel => CancellationToken.None;

    [Theory]
    [InlineData("9")]
    [InlineData("96")]
    public async Task Tones_of_one_party_are_digits_and_events_to_the_other(string format)
    {
        if (format == "96" && !OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", format);
        await node.Client.OfferAsync(call.LegB, TestCall.Policy() with { InbandDigits = true, TelephoneEvent = false }, call.LegA, Cancel);
        Assert.True((await node.Client.ReceiveAnswerAsync(call.LegB, call.B.Sdp(format, version: 2), Cancel)).Accepted);
        short[] samples = Dtmf.Generate("5", 16000);
        IAudioCodec encoder = Codec(format);
        byte[] payload = new byte[1500];
        List<Heard> heard = [];
        byte type = byte.Parse(format, System.Globalization.CultureInfo.InvariantCulture);
        for (int at = 0; at + 320 <= samples.Length; at += 320)
        {
            int length = encoder.Encode(samples.AsSpan(at, 320), payload);
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

    private static IAudioCodec Codec(string format) => format == "9" ? new G722Codec() : new OpusCodec();
}
