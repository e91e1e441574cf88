using System.Text.RegularExpressions;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.Media.Playback;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Tests.Playback;

public sealed partial class SoundLibraryTests
{
    private readonly SoundLibrary _sounds = new(null);

    public static IEnumerable<TheoryDataRow<string>> Shipped => typeof(SoundLibrary).Assembly.GetManifestResourceNames()
        .Select(name => SoundName().Match(name)).Where(match => match.Success).Select(match => new TheoryDataRow<string>(match.Groups[1].Value));

    [Theory]
    [MemberData(nameof(Shipped))]
    public void Every_shipped_sound_is_loud_enough_and_no_digit_is_heard_in_it(string name)                        // Q.24: talk-off
    {
        short[] samples = _sounds.Samples(name, 8000)!;
        Assert.InRange(AudioLevel.Of(samples), -25, -15);
        var detector = new DtmfDetector();
        ReadOnlySpan<short> rest = samples;
        while (!rest.IsEmpty)
        {
            detector.Hear(ref rest, out bool began);
            Assert.False(began, $"{detector.Current} was heard");
        }
    }

    [Fact]
    public void Each_prompt_is_there_in_both_languages()
    {
        string[] names = [.. Shipped.Select(row => row.Data)];
        Assert.Equal(names.Where(n => n.StartsWith("en/", StringComparison.Ordinal)).Select(n => n[3..]).Order(), names.Where(n => n.StartsWith("zh/", StringComparison.Ordinal)).Select(n => n[3..]).Order());
        Assert.Contains("en/unknown-number", names);
        Assert.Contains("music/default", names);
    }

    [Theory]
    [InlineData("tone/de/busy", 425)]
    [InlineData("tone/cn/ringback", 450)]
    [InlineData("tone/fr/dial", 440)]
    [InlineData("tone/zz/congestion", 425)]              // unknown: the European recommendation
    [InlineData("tone/us/special-information", 950)]
    public void Tones_are_the_countrys(string name, double hertz) =>
        Assert.InRange(ToneDetector.LevelAt(_sounds.Samples(name, 8000).AsSpan(0, 1600), 8000, hertz), -14, -12);

    [Theory]
    [InlineData("")]
    [InlineData("../appsettings")]
    [InlineData("/etc/passwd")]
    [InlineData("en/nothing-of-the-kind")]
    [InlineData("tone/de/jingle")]
    [InlineData("dtmf/x")]
    [InlineData("silence/6000")]
    [InlineData("silence/55")]
    public void What_is_no_sound_is_none(string name)
    {
        Assert.False(_sounds.Has(name));
        Assert.Null(_sounds.Find(name, AudioFormat.Pcma, 20));
    }

    [Fact]
    public void A_sound_is_the_same_in_every_codec_and_packet_time()
    {
        AudioFormat[] formats = OpusCodec.IsAvailable ? [AudioFormat.Pcmu, AudioFormat.Pcma, AudioFormat.G722, AudioFormat.Opus] : [AudioFormat.Pcmu, AudioFormat.Pcma, AudioFormat.G722];
        int length = _sounds.Samples("en/muted", 8000)!.Length / 8;
        foreach (AudioFormat format in formats)
        {
            foreach (int ptime in (int[])[10, 20, 40, 60])
            {
                EncodedSound sound = _sounds.Find("en/muted", format, ptime)!;
                Assert.Same(sound, _sounds.Find("en/muted", format, ptime));
                Assert.True(SpinWait.SpinUntil(() => sound.Ready == sound.Count, TimeSpan.FromSeconds(30)), "encoded on another thread");
                IAudioCodec decoder = AudioFormats.Create(format)!;
                short[] frame = new short[16 * 120];
                List<short> all = [];
                for (int i = 0; i < sound.Count; i++)
                    all.AddRange(frame.AsSpan(0, decoder.Decode(sound[i], frame)));
                Assert.InRange(all.Count * 1000 / decoder.SampleRate, length, length + ptime);
                Assert.InRange(AudioLevel.Of(all.ToArray()), -22, -16);
            }
        }
    }

    [Fact]
    public void A_long_sound_begins_before_it_is_encoded_and_waits_where_encoding_has_not_come()
    {
        EncodedSound sound = new(new short[8000 * 5], AudioFormats.Create(AudioFormat.Pcma)!, 20);
        Assert.Equal((250, 25), (sound.Count, sound.Ready));
        var playing = new SoundPlaying([sound], 8, 8000, loop: false);
        byte[] payload = new byte[1275];
        for (int i = 0; i < 25; i++)
            Assert.Equal(160, Length());
        Assert.Equal(0, Length());
        sound.EncodeRest();
        for (int i = 25; i < 250; i++)
            Assert.Equal(160, Length());
        Assert.False(playing.TryNext(payload, out _));

        int Length()
        {
            Assert.True(playing.TryNext(payload, out PlaybackFrame frame));
            return frame.Length;
        }
    }

    [Theory]
    [InlineData(8000, 1, WaveEncoding.Pcm16)]
    [InlineData(22_050, 1, WaveEncoding.Pcm16)]
    [InlineData(44_101, 1, WaveEncoding.Pcm16)]
    [InlineData(44_100, 2, WaveEncoding.Pcm16)]
    [InlineData(48_000, 1, WaveEncoding.Pcm8)]
    public void A_file_of_any_rate_takes_the_place_of_a_built_in_sound(int rate, int channels, WaveEncoding encoding)
    {
        string folder = Directory.CreateTempSubdirectory("cloudpbx-sounds").FullName;
        try
        {
            short[] tone = new short[rate], all = new short[rate * channels];
            new ToneGenerator(new Audio.Tones.Tone(700, LevelDbm0: -10), rate).Read(tone);
            for (int i = 0; i < all.Length; i++)
                all[i] = tone[i / channels];
            Directory.CreateDirectory(Path.Combine(folder, "en"));
            File.WriteAllBytes(Path.Combine(folder, "en", "muted.wav"), new WaveFile(rate, channels, all).Write(encoding));
            short[] samples = new SoundLibrary(folder).Samples("en/muted", 16_000)!;
            Assert.InRange(samples.Length, 15_990, 16_000);
            Assert.InRange(ToneDetector.Measure(samples, 16_000).Hertz, 699, 701);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [GeneratedRegex("^Sounds/(.+)\\.wav$")]
    private static partial Regex SoundName();
}
