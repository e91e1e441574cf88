using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.TestKit;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Scenarios;

/// <summary>A recording as the API gives it: its entry, and its audio with the caller left and the callee right.</summary>
internal sealed record StoredRecording(JsonElement Entry, WaveFile Wave)
{
    private const double SilentDbm0 = -45, Pure = 0.8;
    private const int Sharp = 10;                                 // Hz within which two blocks are of one tone
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_block = TimeSpan.FromMilliseconds(50);

    /// <summary>When it began, UTC.</summary>
    public DateTime StartedAt => Entry.GetProperty("startedAt").GetDateTime().ToUniversalTime();

    /// <summary>Whether something that was said is missing.</summary>
    public bool IsPartial => Entry.GetProperty("partial").GetBoolean();

    /// <summary>The notes of one kind.</summary>
    public JsonElement[] Notes(string kind) => [.. Entry.GetProperty("notes").EnumerateArray().Where(note => note.GetProperty("kind").GetString() == kind)];

    /// <summary>Waits until a tenant has so many recordings whose audio is stored, and gives them, the oldest first.</summary>
    public static async Task<StoredRecording[]> WaitAsync(PbxApi api, string tenant, int count, CancellationToken cancel)
    {
        // The API says nothing when a recording is stored: it is asked until it has it, each answer before the next question.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_patience);
        while (true)
        {
            JsonElement[] entries = [.. (await api.GetAsync($"tenants/{tenant}/recordings", deadline.Token)).GetProperty("items").EnumerateArray()];
            List<StoredRecording> stored = [];
            foreach (JsonElement entry in entries.OrderBy(entry => entry.GetProperty("startedAt").GetDateTime()))
            {
                if (await api.TryGetOctetsAsync($"tenants/{tenant}/recordings/{entry.GetProperty("id").GetString()}/audio", deadline.Token) is not { } octets)
                    break;
                Assert.Equal(WaveParseError.None, WaveFile.TryRead(octets, out WaveFile? wave));
                Assert.Equal(2, wave!.Channels);
                stored.Add(new StoredRecording(entry, wave));
            }
            if (stored.Count >= count && stored.Count == entries.Length)
                return [.. stored];
        }
    }

    /// <summary>Waits until a recording's entry has the hash of its audio, and asserts that it is that of what lies in the product's folder, and its duration what that plays.</summary>
    public async Task AssertHashAsync(RunningProduct pbx, string tenant, CancellationToken cancel)
    {
        string id = Entry.GetProperty("id").GetString()!, file = Assert.Single(Directory.EnumerateFiles(Path.Combine(pbx.DataFolder, "blobs"), id, SearchOption.AllDirectories));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(s_patience);
        JsonElement entry;
        do
            entry = await pbx.Api.GetAsync($"tenants/{tenant}/recordings/{id}", deadline.Token);
        while (!entry.TryGetProperty("sha256", out JsonElement hash) || hash.ValueKind == JsonValueKind.Null);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, cancel))), entry.GetProperty("sha256").GetString());
        Assert.Equal(Wave.Duration.TotalSeconds, entry.GetProperty("durationSeconds").GetDouble(), 0.002);
    }

    /// <summary>The samples of a channel: 0 the caller's, 1 the callee's.</summary>
    public short[] Channel(int channel) => [.. Wave.Samples.Where((_, i) => i % 2 == channel)];

    /// <summary>The keys that a channel sounds like.</summary>
    public string Keys(int channel)
    {
        DtmfDetector detector = new();
        ReadOnlySpan<short> samples = SampleRateConversion.Convert(Channel(channel), Wave.SampleRate, 8000);
        string keys = "";
        while (!samples.IsEmpty)
            if (detector.Hear(ref samples, out _) is not '\0' and var key)
                keys += key;
        return keys;
    }

    /// <summary>The tones that follow each other in a channel, a fifth of a second of each at least; 0 Hz is silence.</summary>
    public IReadOnlyList<HeardTone> Tones(int channel)
    {
        short[] samples = Channel(channel);
        int block = (int)(Wave.SampleRate * s_block.TotalSeconds);
        List<HeardTone> tones = [];
        for (int at = 0; at + block <= samples.Length; at += block)
        {
            ToneMeasurement heard = ToneDetector.Measure(samples.AsSpan(at, block), Wave.SampleRate);
            if (heard.LevelDbm0 >= SilentDbm0 && heard.Purity < Pure)
                continue;                                         // from one to the next
            double hertz = heard.LevelDbm0 < SilentDbm0 ? 0 : heard.Hertz;
            TimeSpan start = TimeSpan.FromSeconds((double)at / Wave.SampleRate);
            if (tones is [.., { } last] && Math.Abs(last.Hertz - hertz) < Sharp)
                tones[^1] = last with { End = start + s_block };
            else
                tones.Add(new HeardTone(hertz, start, start + s_block));
        }
        List<HeardTone> lasting = [];
        foreach (HeardTone tone in tones.Where(tone => tone.End - tone.Start >= 4 * s_block))
        {
            if (lasting is [.., { } before] && Math.Abs(before.Hertz - tone.Hertz) < Sharp)
                lasting[^1] = before with { End = tone.End };
            else
                lasting.Add(tone);
        }
        return [.. lasting.Select(tone => tone.Hertz == 0 ? tone : tone with { Hertz = Within(samples, tone) })];
    }

    // In its midst, for as long as a frequency needs to be told to the hertz.
    private double Within(short[] samples, HeardTone tone)
    {
        int middle = (int)((tone.Start + tone.End).TotalSeconds / 2 * Wave.SampleRate), length = (int)((2 * s_block).TotalSeconds * Wave.SampleRate);
        return ToneDetector.Measure(samples.AsSpan(middle - (length / 2), length), Wave.SampleRate).Hertz;
    }

    /// <summary>Asserts that just these tones follow each other in a channel, with silence or without it between them.</summary>
    /// <returns>The tones.</returns>
    public IReadOnlyList<HeardTone> AssertTones(int channel, params int[] hertz)
    {
        HeardTone[] tones = [.. Tones(channel).Where(tone => tone.Hertz > 0)];
        Assert.True(
            tones.Length == hertz.Length && tones.Zip(hertz).All(pair => Math.Abs(pair.First.Hertz - pair.Second) < Sharp),
            $"Channel {channel} has not {string.Join(", ", hertz)} Hz, but {string.Join(", ", Tones(channel))}");
        return tones;
    }

    /// <summary>A tone that lasts.</summary>
    /// <param name="Hertz">Which.</param>
    /// <param name="Start">Where it begins.</param>
    /// <param name="End">Where it ends.</param>
    internal sealed record HeardTone(double Hertz, TimeSpan Start, TimeSpan End)
    {
        public override string ToString() => FormattableString.Invariant($"{Hertz:F0} Hz {Start.TotalSeconds:F2}-{End.TotalSeconds:F2} s");
    }
}
