#:project ../../libs/CloudPbx.Audio/CloudPbx.Audio.csproj
// A program of one file that runs once, on a developer's machine: its texts are not translated (CA1303), it has no namespace (IDE0130), types for its own use only (CA1812), and may block (CA1849).
#:property NoWarn=$(NoWarn);CA1303;CA1812;CA1849;IDE0130

// Brings what the speech synthesizers made to one form (16 kHz, one channel, µ-law, −18 dBm0, no silence around it), and composes the hold music.
using CloudPbx.Audio.Resampling;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;

const int Rate = 16000;
const double SpeechDbm0 = -18, MusicDbm0 = -22, BeepDbm0 = -20, QuietDbm0 = -45;

(string source, string target) = (args[0], args[1]);
foreach (string file in Directory.EnumerateFiles(source, "*.wav", SearchOption.AllDirectories).Order())
{
    if (WaveFile.TryRead(File.ReadAllBytes(file), out WaveFile? spoken) != WaveParseError.None || spoken is not { Channels: 1 })
        throw new InvalidDataException($"{file} is no WAV file of one channel.");
    Write(Path.GetRelativePath(source, file), Level(Trim(SampleRateConversion.Convert(spoken.Samples, spoken.SampleRate, Rate)), SpeechDbm0));
}
Write("music/default.wav", Level(Compose(), MusicDbm0));
Write("signals/recorded.wav", Level(Beep(), BeepDbm0));

void Write(string name, short[] samples)
{
    string path = Path.Combine(target, name);
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllBytes(path, new WaveFile(Rate, 1, samples).Write(WaveEncoding.MuLaw));
    Console.WriteLine($"{name}: {samples.Length * 1000 / Rate} ms");
}

// Cuts the silence off both ends, but for a tenth of a second.
static short[] Trim(short[] samples)
{
    const int Step = Rate / 100, Around = Rate / 10;
    int first = 0, last = samples.Length;
    while (first + Step < samples.Length && AudioLevel.Of(samples.AsSpan(first, Step)) < QuietDbm0)
        first += Step;
    while (last - Step > first && AudioLevel.Of(samples.AsSpan(last - Step, Step)) < QuietDbm0)
        last -= Step;
    return samples[Math.Max(0, first - Around)..Math.Min(samples.Length, last + Around)];
}

// Brings the mean level to what is wanted; peaks are rounded off rather than cut.
static short[] Level(short[] samples, double dbm0)
{
    double gain = Math.Pow(10, (dbm0 - AudioLevel.Of(samples)) / 20);
    return [.. samples.Select(s => (short)Math.Round(30000 * Math.Tanh(s * gain / 30000)))];
}

// What says that a call is recorded: 1400 Hz for a fifth of a second, as 47 CFR 64.501 describes it; its ends fade, so that nothing clicks.
static short[] Beep()
{
    const int Length = Rate / 5, Fade = Rate / 200;
    return [.. Enumerable.Range(0, Length).Select(i => (short)(8000 * Math.Sin(2 * Math.PI * 1400 * i / Rate) * Math.Min(1, Math.Min(i, Length - i) / (double)Fade)))];
}

// Thirty-two seconds: plucked strings over four chords, twice, the second time with a melody. Its end runs into its beginning.
static short[] Compose()
{
    const double Beat = 0.5;
    int[][] chords = [[48, 55, 60, 64], [45, 52, 57, 60], [41, 48, 53, 57], [43, 50, 55, 59]];       // C, a, F, G
    int[] figure = [0, 1, 2, 3, 2, 1, 2, 3], tune = [72, 76, 79, 76, 72, 69, 72, 76, 77, 76, 72, 69, 71, 74, 79, 74];
    var mixed = new double[(int)(64 * Beat * Rate)];
    for (int beat = 0; beat < 64; beat++)
    {
        int[] chord = chords[beat / 8 % 4];
        Pluck(beat * Beat, chord[figure[beat % 8]], 0.5, 1.6);
        if (beat % 8 == 0)
            Pluck(beat * Beat, chord[0] - 12, 0.7, 3.2);
        if (beat >= 32 && beat % 2 == 0)
            Pluck((beat * Beat) + (Beat / 2 * (beat % 4 / 2)), tune[(beat - 32) / 2], 0.45, 2.0);
    }
    double peak = mixed.Max(Math.Abs);
    return [.. mixed.Select(s => (short)(s / peak * 20000))];

    void Pluck(double at, int note, double strength, double seconds)
    {
        double hertz = 440 * Math.Pow(2, (note - 69) / 12.0);
        int start = (int)(at * Rate);
        for (int i = 0; i < seconds * Rate; i++)
        {
            double t = (double)i / Rate, tone = 0;
            for (int partial = 1; partial <= 5; partial++)
                tone += Math.Sin(2 * Math.PI * hertz * partial * t) * Math.Exp(-t * (1.5 + (partial * 0.9))) / (partial * partial);
            mixed[(start + i) % mixed.Length] += strength * tone * Math.Min(1, t * 200) * Math.Min(1, (seconds - t) * 10);
        }
    }
}
