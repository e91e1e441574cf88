using System.Collections.Concurrent;
using System.Globalization;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Playback;

/// <summary>
/// Every sound that can be played, by name: WAV files (<c>en/not-available</c>, <c>music/default</c>), tones of countries (<c>tone/de/busy</c>), digits
/// (<c>dtmf/5</c>) and pauses (<c>silence/500</c>). What was asked for once is kept, encoded.
/// </summary>
/// <remarks>Thread-safe, for control threads: it reads files and computes.</remarks>
/// <param name="folder">WAV files that come before those that are built in; null for none.</param>
internal sealed class SoundLibrary(string? folder)
{
    private const int MaxNameLength = 64;
    private const int LongestPause = 5000, PauseStep = 100;
    private const int DigitMilliseconds = 120, DigitPauseMilliseconds = 60;    // Q.24 wants 40 of each; some receivers want more
    private const int ContinuousSeconds = 2;                // of a tone without cadence: whole periods of every frequency in the table

    private readonly ConcurrentDictionary<(string Name, AudioFormat Format, int Milliseconds), EncodedSound> _encoded = new();
    private readonly ConcurrentDictionary<string, bool> _known = new();

    /// <summary>A sound, encoded.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="format">The codec.</param>
    /// <param name="frameMilliseconds">A packet time that the codec has.</param>
    /// <returns>Null where there is no such sound, or the codec cannot be encoded here.</returns>
    public EncodedSound? Find(string name, AudioFormat format, int frameMilliseconds)
    {
        string canonical = Canonical(name);
        if (_encoded.TryGetValue((canonical, format, frameMilliseconds), out EncodedSound? known))
            return known;
        if (AudioFormats.Create(format) is not { } encoder || Samples(canonical, encoder.SampleRate) is not { } samples)
            return null;                                    // not remembered: names that mean nothing are without number
        EncodedSound made = new(samples, encoder, frameMilliseconds), sound = _encoded.GetOrAdd((canonical, format, frameMilliseconds), made);
        if (sound == made)
            ThreadPool.UnsafeQueueUserWorkItem(static sound => sound.EncodeRest(), made, preferLocal: false);
        return sound;
    }

    /// <summary>Whether there is such a sound.</summary>
    public bool Has(string name)
    {
        string canonical = Canonical(name);
        return _known.ContainsKey(canonical) || (Samples(canonical, 8000) is not null && (_known[canonical] = true));
    }

    /// <summary>A sound's samples, one channel.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="rate">Samples per second.</param>
    /// <returns>Null where there is no such sound.</returns>
    public short[]? Samples(string name, int rate)
    {
        if (!IsWellFormed(name))
            return null;
        return name.Split('/') switch
        {
            ["tone", { Length: 2 } country, var tone] when ToneOf(tone) is { } progress => ToneSamples(CountryTones.Get(country, progress), rate),
            ["dtmf", { Length: 1 } digit] => DigitSamples(digit[0], rate),
            ["silence", var pause] when int.TryParse(pause, NumberStyles.None, CultureInfo.InvariantCulture, out int length) && length <= LongestPause && length % PauseStep == 0
                => new short[length * rate / 1000],
            _ => Read(name) is { } octets && WaveFile.TryRead(octets, out WaveFile? file) == WaveParseError.None ? SampleRateConversion.Convert(WaveMix.OneChannel(file!), file!.SampleRate, rate) : null,
        };
    }

    // Countries that share the tones of others share their sounds.
    private static string Canonical(string name) => name.Split('/') is ["tone", { Length: 2 } country, var tone] && !CountryTones.Countries.Contains(country.ToUpperInvariant())
        ? $"tone/eu/{tone}"
        : name;

    private static bool IsWellFormed(string name) =>
        name.Length is > 0 and <= MaxNameLength && !name.StartsWith('/') && !name.EndsWith('/') && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '/' or '*' or '#');

    private static ProgressTone? ToneOf(string name) => name switch
    {
        "dial" => ProgressTone.Dial,
        "ringback" => ProgressTone.Ringback,
        "busy" => ProgressTone.Busy,
        "congestion" => ProgressTone.Congestion,
        "waiting" => ProgressTone.CallWaiting,
        "special-information" => ProgressTone.SpecialInformation,
        _ => null,
    };

    private static short[] ToneSamples(Tone tone, int rate)
    {
        int cadence = tone.CadenceMilliseconds.Sum();
        // Twice: a cadence of an odd number of tens of milliseconds is no whole number of frames of 20 ms.
        short[] samples = new short[cadence == 0 ? rate * ContinuousSeconds : rate * cadence / 1000 * 2];
        new ToneGenerator(tone, rate).Read(samples);
        return samples;
    }

    private static short[]? DigitSamples(char digit, int rate)
    {
        short[] samples = Dtmf.Generate(digit.ToString(), rate, DigitMilliseconds, DigitPauseMilliseconds);
        return samples.Length == 0 ? null : samples;
    }

    private byte[]? Read(string name)
    {
        if (folder is not null && Path.Combine(folder, name + ".wav") is var path && File.Exists(path))
            return File.ReadAllBytes(path);
        using Stream? built = typeof(SoundLibrary).Assembly.GetManifestResourceStream($"Sounds/{name}.wav");
        if (built is null)
            return null;
        byte[] octets = new byte[built.Length];
        built.ReadExactly(octets);
        return octets;
    }
}
