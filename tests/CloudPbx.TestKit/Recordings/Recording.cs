using System.Runtime.InteropServices;
using CloudPbx.Audio.Tones;
using CloudPbx.Audio.Wave;
using CloudPbx.TestKit.Phones;

namespace CloudPbx.TestKit.Recordings;

/// <summary>What a phone records while it talks: WAV files (PCM, 16 bit) that are still being written, the next one begun at each new negotiation.</summary>
/// <param name="files">Lists the files there are now, in order.</param>
/// <param name="unfinishedRate">The sample rate of a file whose header the recorder writes at the end only, over octets of zero; one channel.</param>
public sealed class Recording(Func<IEnumerable<string>> files, Func<int>? unfinishedRate = null)
{
    private const int HeaderOctets = 44;
    private const double LoudFromDbm0 = -35;
    private const double SameHertz = 60;                          // what a short block's measure may be off by, and less than tones differ
    private static readonly TimeSpan s_block = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10), s_stepWindow = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    /// <summary>How much there is now: a mark for "from here on".</summary>
    public TimeSpan Length => Samples(out int rate) is { Length: var count } && rate > 0 ? TimeSpan.FromSeconds((double)count / rate) : TimeSpan.Zero;

    /// <summary>Waits until so much of what came after a mark was loud, and measures it.</summary>
    /// <param name="loud">How much must be loud.</param>
    /// <param name="from">The mark, a former <see cref="Length"/>.</param>
    /// <param name="deadline">How long to wait; then what was heard until then is returned.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<Heard> HearAsync(TimeSpan loud, TimeSpan from, TimeSpan deadline, CancellationToken cancel)
    {
        // The files are written by another program that does not tell: looking again is the only event there is.
        using PeriodicTimer again = new(s_look);
        long end = Environment.TickCount64 + (long)deadline.TotalMilliseconds;
        while (true)
        {
            Heard heard = Measure(from);
            if (heard.Loud >= loud || Environment.TickCount64 >= end) return heard;
            await again.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>Waits for a time without any sound.</summary>
    /// <param name="quiet">How long it must be quiet.</param>
    /// <param name="deadline">How long to wait at most.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Whether it was quiet for so long.</returns>
    public async Task<bool> QuietAsync(TimeSpan quiet, TimeSpan deadline, CancellationToken cancel)
    {
        using PeriodicTimer again = new(s_look);
        long end = Environment.TickCount64 + (long)deadline.TotalMilliseconds, since = Environment.TickCount64;
        for (TimeSpan mark = Length; Environment.TickCount64 - since < quiet.TotalMilliseconds;)
        {
            await again.WaitForNextTickAsync(cancel);
            if (Measure(mark).Loud == TimeSpan.Zero) continue;
            if (Environment.TickCount64 >= end) return false;
            (mark, since) = (Length, Environment.TickCount64);
        }
        return true;
    }

    /// <summary>Waits until a tone is heard, among whatever else.</summary>
    /// <param name="hertz">The tone.</param>
    /// <param name="dbm0">How loud it must be in the last piece.</param>
    /// <param name="last">How long that piece is.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Whether it came in time.</returns>
    public Task<bool> HearsAsync(double hertz, double dbm0, TimeSpan last, CancellationToken cancel) => UntilAsync(() => LevelOf(hertz, last) > dbm0, cancel);

    /// <summary>Waits until a tone is heard no more.</summary>
    /// <inheritdoc cref="HearsAsync"/>
    public Task<bool> MissesAsync(double hertz, double dbm0, TimeSpan last, CancellationToken cancel) => UntilAsync(() => LevelOf(hertz, last) < dbm0, cancel);

    /// <summary>Waits until so much more is recorded: the phone's own measure of time, however busy the machine is.</summary>
    /// <param name="more">How much.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>Whether it came in time.</returns>
    public Task<bool> GrowsAsync(TimeSpan more, CancellationToken cancel)
    {
        TimeSpan wanted = Length + more;
        return UntilAsync(() => Length >= wanted, cancel);
    }

    /// <summary>The usual level of one tone in what was recorded last, in dBm0.</summary>
    /// <param name="hertz">The tone.</param>
    /// <param name="last">The piece that is judged.</param>
    public double LevelOf(double hertz, TimeSpan last)
    {
        short[] samples = Samples(out int rate);
        int block = (int)(rate * s_block.TotalSeconds), count = (int)(last / s_block);
        if (rate == 0 || samples.Length < block * count) return AudioLevel.Floor;
        return Enumerable.Range(0, count).Select(i => ToneDetector.LevelAt(samples.AsSpan(samples.Length - ((count - i) * block), block), rate, hertz)).Order().ElementAt(count / 2);
    }

    private static async Task<bool> UntilAsync(Func<bool> isSo, CancellationToken cancel)
    {
        using PeriodicTimer again = new(s_look);
        long end = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (!isSo())
        {
            if (Environment.TickCount64 >= end) return false;
            await again.WaitForNextTickAsync(cancel);
        }
        return true;
    }

    /// <summary>Measures what came after a mark.</summary>
    public Heard Measure(TimeSpan from)
    {
        short[] samples = Samples(out int rate);
        if (rate == 0) return default;
        int block = (int)(rate * s_block.TotalSeconds);
        List<ToneMeasurement> loud = [];
        for (int start = (int)(from.TotalSeconds * rate); start + block <= samples.Length; start += block)
        {
            ToneMeasurement heard = ToneDetector.Measure(samples.AsSpan(start, block), rate);
            if (heard.LevelDbm0 > LoudFromDbm0) loud.Add(heard);
        }
        if (loud.Count == 0) return default;
        return new Heard(Median(loud.Select(x => x.Hertz)), Median(loud.Select(x => x.Purity)), s_block * loud.Count);
    }

    /// <summary>All of it as tones and pauses one after the other; blocks in which one becomes the other belong to neither for longer than they last.</summary>
    public IReadOnlyList<ToneRun> Runs()
    {
        short[] samples = Samples(out int rate);
        List<ToneRun> tones = [];
        if (rate == 0) return tones;
        int step = (int)(rate * s_step.TotalSeconds), window = (int)(rate * s_stepWindow.TotalSeconds);
        List<double> run = [];
        for (int start = 0; start + window <= samples.Length; start += step)
        {
            ToneMeasurement heard = ToneDetector.Measure(samples.AsSpan(start, window), rate);
            double hertz = heard.LevelDbm0 > LoudFromDbm0 ? heard.Hertz : 0;
            if (run.Count > 0 && Math.Abs(Median(run) - hertz) > SameHertz)
                End();
            run.Add(hertz);
        }
        End();
        return tones;

        void End()
        {
            if (run.Count > s_stepWindow / s_step)
                tones.Add(new ToneRun(Median(run), s_step * run.Count));
            run.Clear();
        }
    }

    /// <summary>The first channel of all files.</summary>
    private short[] Samples(out int rate)
    {
        rate = 0;
        List<short> all = [];
        foreach (string file in files())
        {
            byte[] octets;
            using (FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
            {
                octets = new byte[stream.Length];
                octets = octets[..stream.ReadAtLeast(octets, octets.Length, throwOnEndOfStream: false)];
            }
            if (unfinishedRate is not null && octets.Length > HeaderOctets && !octets.AsSpan(0, HeaderOctets).ContainsAnyExcept((byte)0))
            {
                rate = unfinishedRate();
                all.AddRange(MemoryMarshal.Cast<byte, short>(octets.AsSpan(HeaderOctets)[..^(octets.Length % sizeof(short))]));
                continue;
            }
            // The recorder writes the length at the end; until then "as much as there is".
            int data = octets.AsSpan().IndexOf("data"u8);
            if (data >= 0 && data + 8 <= octets.Length) octets.AsSpan(data + 4, 4).Fill(0xFF);
            if (WaveFile.TryRead(octets, out WaveFile? wave) != WaveParseError.None) continue;
            rate = wave!.SampleRate;
            for (int i = 0; i < wave.Samples.Length; i += wave.Channels) all.Add(wave.Samples[i]);
        }
        return [.. all];
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}
