using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Media.Tests.Relay;

/// <summary>Two parties without a common codec hear each other: each codec in each other one, packet times included.</summary>
public sealed class TranscodingTests
{
    private const double Hertz = 800;

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            string[] formats = OpusCodec.IsAvailable ? ["0", "8", "9", "96"] : ["0", "8", "9"];
            foreach (string a in formats)
            {
                foreach (string b in formats.Where(b => b != a))
                    pairs.Add(a, b);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Any_codec_is_heard_in_any_other(string formatA, string formatB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, $"{formatA} 101", $"{formatB} 101");
        await HearsAsync(call.A, formatA, 20, call.B, formatB, 20);
        await HearsAsync(call.B, formatB, 20, call.A, formatA, 20);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(60)]
    public async Task Packet_times_are_made_the_hearers(int ptime)                 // INTEROP I50
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", "9 101");
        await HearsAsync(call.A, "8", ptime, call.B, "9", 20);
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task A_change_of_codec_holds_speech_back_by_its_filters_alone(string formatA, string formatB)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, $"{formatA} 101", $"{formatB} 101");
        IAudioCodec mouth = Codec(formatA), ear = Codec(formatB);
        var duration = TimeSpan.FromSeconds(1);
        short[] said = VoiceNoise.Make(1, duration, mouth.SampleRate), samples = new short[4000];
        byte[] payload = new byte[1500];
        List<short> heard = [];
        int frame = mouth.SampleRate / 50;
        for (int i = 0; i < 50; i++)
        {
            int length = mouth.Encode(said.AsSpan(i * frame, frame), payload);
            call.A.SendPayload(byte.Parse(formatA, System.Globalization.CultureInfo.InvariantCulture), payload.AsSpan(0, length), false, call.A.Timestamp);
            call.A.Timestamp += (uint)(mouth.ClockRate / 50);
            Heard packet = (await call.B.HearAsync())!;                          // as soon as it came: no frame waits for another
            heard.AddRange(samples.AsSpan(0, ear.Decode(packet.Payload, samples)));
        }
        int at = heard.Count / 2;
        (int place, double likeness) = CrossCorrelation.Find(VoiceNoise.Make(1, duration, ear.SampleRate), heard.ToArray().AsSpan(at, heard.Count / 4));
        Assert.True(likeness > 0.7, $"{likeness:F2}");
        // Opus looks 6.5 ms ahead and its decoder's filters are a part of that (RFC 6716 §2); G.722's are 22 samples of 16 kHz, a change of rate takes some, too.
        Assert.InRange((at - place) * 1000.0 / ear.SampleRate, 0, formatA == "96" || formatB == "96" ? 15 : 8);
    }

    [Fact]
    public async Task A_lost_packet_is_made_up_and_the_stream_goes_on_without_a_seam()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "8 101", "9 101");
        ToneGenerator tone = new(new Tone(Hertz, LevelDbm0: -10), 8000);
        List<Heard> heard = [];
        for (int i = 0; i < 50; i++)
        {
            Speak(call.A, "8", 20, tone, lost: i is 20 or 30 or 31);
            while (await call.B.HearAsync(i is 20 or 30 or 31 ? 30 : i < 49 ? 60 : 500) is { } packet)
                heard.Add(packet);
        }
        Assert.Equal(50, heard.Count);
        for (int i = 1; i < heard.Count; i++)
        {
            Assert.Equal((ushort)(heard[i - 1].Sequence + 1), heard[i].Sequence);
            Assert.Equal(heard[i - 1].Timestamp + 160, heard[i].Timestamp);
        }
        Measure(heard, "9", 0.9);
    }

    [Theory]
    [InlineData("8 101", "9 101", (byte)8)]
    [InlineData("9 101", "0 101", (byte)9)]
    public async Task A_packet_that_waits_for_one_before_it_is_heard_in_any_case(string formatsA, string formatsB, byte type)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, formatsA, formatsB);
        await HeardAsync(1, 0);
        call.A.Sequence++;
        call.A.Timestamp += 160;
        await HeardAsync(2, 2);                                                  // nothing comes after it: the loop's tick lets it go
        await HeardAsync(1, 3);
        (ushort sequence, uint timestamp) = (call.A.Sequence, call.A.Timestamp);
        (call.A.Sequence, call.A.Timestamp) = ((ushort)(sequence + 1), timestamp + 160);
        call.A.Send(type, 5);
        (call.A.Sequence, call.A.Timestamp) = (sequence, timestamp);
        await HeardAsync(2, 4);                                                  // two changed places

        async Task HeardAsync(int frames, byte fill)
        {
            call.A.Send(type, fill);
            for (int i = 0; i < frames; i++)
                Assert.NotNull(await call.B.HearAsync());
            Assert.Null(await call.B.HearAsync(20));
        }
    }

    [Fact]
    public async Task Digits_pass_from_a_clock_of_48_kHz_to_one_of_8()            // RFC 4733 §2.4.1
    {
        if (!OpusCodec.IsAvailable)
            Assert.Skip(OpusCodec.Missing);
        await using TestNode node = await TestNode.StartAsync();
        using var a = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, formatsB: "8 101", a: a, sdpA: a.Sdp("96", extra: "a=rtpmap:102 telephone-event/48000\r\n").Replace("RTP/AVP 96", "RTP/AVP 96 102", StringComparison.Ordinal));
        for (int i = 1; i <= 5; i++)
            a.SendPayload(102, [7, (byte)(i == 5 ? 0x80 : 0), (byte)((i * 960) >> 8), (byte)(i * 960)], i == 1, 96_000);
        for (int i = 1; i <= 5; i++)
        {
            Heard heard = (await call.B.HearAsync())!;
            Assert.Equal((101, 7, i * 160), (heard.PayloadType, heard.Payload[0], (heard.Payload[2] << 8) | heard.Payload[3]));
        }
        Assert.Equal("digit 7 100 leg 1", await node.ReportAsync());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(40)]
    public async Task A_carrier_that_takes_one_packet_time_only_gets_that_also_in_the_same_codec(int ptime)
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, policyA: TestCall.Policy() with { PtimeMilliseconds = 20 });
        Assert.Contains("a=ptime:20\r\n", call.A.NodeSdp, StringComparison.Ordinal);
        await HearsAsync(call.B, "8", ptime, call.A, "8", 20);
        await TestCall.PassesAsync(call.A, call.B);                              // towards the phone nothing is changed
    }

    [Theory]
    [InlineData("8", 10, 20)]
    [InlineData("8", 30, 20)]
    [InlineData("0", 40, 20)]
    [InlineData("9", 60, 20)]
    [InlineData("9", 20, 30)]
    [InlineData("8", 20, 40)]
    public async Task A_hearer_that_states_its_packet_time_gets_that_in_the_same_codec(string format, int ptime, int stated)       // INTEROP I50, RFC 8866 §6.4
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await StatingAsync(node, format, stated);
        await HearsAsync(call.B, format, ptime, call.A, format, stated);
        call.A.PacketLength = 8 * ptime;
        await TestCall.PassesAsync(call.A, call.B, payloadType: byte.Parse(format, System.Globalization.CultureInfo.InvariantCulture));       // the other one states none
    }

    [Theory]                                                                      // INTEROP I50; RFC 8866 §6.4
    [InlineData("8", "0", "a=ptime:20", 40, 20)]                                  // one law from the other is no other matter
    [InlineData("0", "8", "a=ptime:30", 20, 30)]
    [InlineData("8", "8", "a=maxptime:20", 40, 20)]
    [InlineData("0", "8", "a=maxptime:20", 60, 20)]
    [InlineData("8", "8", "a=ptime:40\r\na=maxptime:20", 60, 20)]
    public async Task Both_laws_and_the_longest_packet_time_are_seen_to(string format, string formatB, string states, int ptime, int expected)
    {
        await using TestNode node = await TestNode.StartAsync();
        var a = new FakePeer();
        using TestCall call = await TestCall.ConnectAsync(node, formatsB: formatB + " 101", a: a, sdpA: a.Sdp(format + " 101", extra: states + "\r\n"));
        await HearsAsync(call.B, formatB, ptime, call.A, format, expected);
    }

    [Fact]
    public async Task What_has_the_hearers_packet_time_is_passed_on_as_it_is_also_after_something_else_came()       // INTEROP I50: 20 and 40 ms alternate
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await StatingAsync(node, "8", 20);
        Heard last = await TestCall.PassesAsync(call.B, call.A, 1);
        for (byte fill = 2; fill < 6; fill++)
            last = Follows(last, await TestCall.PassesAsync(call.B, call.A, fill));
        call.B.PacketLength = 320;
        call.B.Send(8, 6);
        for (int i = 0; i < 2; i++)
        {
            Heard half = (await call.A.HearAsync())!;
            Assert.Equal(160, half.Payload.Length);
            last = Follows(last, half);
        }
        call.B.PacketLength = 160;
        for (byte fill = 7; fill < 107; fill++)
            last = Follows(last, await TestCall.PassesAsync(call.B, call.A, fill));
        Assert.Null(await call.A.HearAsync(50));

        static Heard Follows(Heard last, Heard next)
        {
            Assert.Equal((ushort)(last.Sequence + 1), next.Sequence);
            Assert.True(unchecked((int)(next.Timestamp - last.Timestamp)) >= 160);
            return next;
        }
    }

    [Fact]
    public async Task Digits_and_comfort_noise_have_no_packet_time()              // RFC 4733 §2.5, RFC 3389 §4
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await StatingAsync(node, "8 13 101", 20, "8 13 101");
        await TestCall.PassesAsync(call.B, call.A);
        call.B.PacketLength = 80;
        call.B.Send(8, 1);
        call.B.Send(8, 2);
        Assert.Equal(160, (await call.A.HearAsync())!.Payload.Length);
        call.B.SendPayload(13, [60], false, call.B.Timestamp);
        Heard noise = (await call.A.HearAsync())!;
        Assert.Equal((13, 1), (noise.PayloadType, noise.Payload.Length));
        call.B.SendPayload(101, [7, 10, 0, 160], true, call.B.Timestamp);
        Heard digit = (await call.A.HearAsync())!;
        Assert.Equal((101, 4), (digit.PayloadType, digit.Payload.Length));
    }

    [Fact]
    public async Task Where_a_common_codec_is_there_nothing_is_transcoded()
    {
        await using TestNode node = await TestNode.StartAsync();
        using TestCall call = await TestCall.ConnectAsync(node, "9 8 101", "8 101");
        await TestCall.PassesAsync(call.A, call.B);
        await TestCall.PassesAsync(call.B, call.A);
    }

    /// <summary>A call whose first party says <c>a=ptime</c>.</summary>
    private static async Task<TestCall> StatingAsync(TestNode node, string format, int ptime, string? formatsB = null)
    {
        var a = new FakePeer();
        return await TestCall.ConnectAsync(node, formatsB: formatsB ?? format + " 101", a: a, sdpA: a.Sdp(formatsB ?? format + " 101", extra: $"a=ptime:{ptime}\r\n"));
    }

    private static async Task HearsAsync(FakePeer from, string format, int ptime, FakePeer to, string toFormat, int toPtime)
    {
        ToneGenerator tone = new(new Tone(Hertz, LevelDbm0: -10), RateOf(format));
        IAudioCodec encoder = Codec(format);
        List<Heard> heard = [];
        for (int sent = 0; sent < 1200; sent += ptime)
        {
            Speak(from, format, ptime, tone, encoder: encoder);
            while (heard.Count < (sent + ptime) / toPtime && await to.HearAsync() is { } packet)
                heard.Add(packet);
        }
        Assert.Equal(1200 / toPtime, heard.Count);
        Assert.All(heard, packet => Assert.Equal(byte.Parse(toFormat, System.Globalization.CultureInfo.InvariantCulture), packet.PayloadType));
        Measure(heard, toFormat, toFormat == "96" || format == "96" ? 0.85 : 0.95);
    }

    private static void Speak(FakePeer from, string format, int ptime, ToneGenerator tone, bool lost = false, IAudioCodec? encoder = null)
    {
        encoder ??= Codec(format);
        short[] samples = new short[encoder.SampleRate * ptime / 1000];
        tone.Read(samples);
        byte[] payload = new byte[1500];
        int length = encoder.Encode(samples, payload);
        if (lost)
            from.Sequence++;
        else
            from.SendPayload(byte.Parse(format, System.Globalization.CultureInfo.InvariantCulture), payload.AsSpan(0, length), false, from.Timestamp);
        from.Timestamp += (uint)(encoder.ClockRate * ptime / 1000);
    }

    private static void Measure(List<Heard> heard, string format, double purity)
    {
        IAudioCodec decoder = Codec(format);
        List<short> all = [];
        short[] samples = new short[4000];
        foreach (Heard packet in heard)
            all.AddRange(samples.AsSpan(0, decoder.Decode(packet.Payload, samples)));
        ToneMeasurement measured = ToneDetector.Measure(all.ToArray().AsSpan(decoder.SampleRate / 5), decoder.SampleRate);
        Assert.InRange(measured.Hertz, Hertz - 3, Hertz + 3);
        Assert.InRange(measured.LevelDbm0, -12.5, -8.5);
        Assert.True(measured.Purity > purity, $"{measured}");
    }

    private static IAudioCodec Codec(string format) => format switch { "0" => new MuLawCodec(), "8" => new ALawCodec(), "9" => new G722Codec(), _ => new OpusCodec() };

    private static int RateOf(string format) => format is "9" or "96" ? 16000 : 8000;
}
