using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Concealment;

/// <summary>
/// Fills gaps with the last pitch period repeated and fading out, as ITU-T G.711 Appendix I does: a lost packet is not heard as a click or a hole. Works on linear
/// samples, so after any codec.
/// </summary>
/// <remarks>
/// Allocation-free per call. Not thread-safe: one for each stream. What was received is never changed; the seam lies inside the gap. After 60 ms it is silent.
/// </remarks>
public sealed class LossConcealment
{
    private const int HistoryMilliseconds = 50;
    private const int ShortestPitchHertz = 200, LongestPitchHertz = 66;     // Appendix I §I.2.2: 5 to 15 ms
    private const int CorrelationMilliseconds = 20;
    private const int CoarseRate = 4000;                                    // samples per second of the first look: half of a telephone's
    private const int FullMilliseconds = 10, SilentMilliseconds = 60;       // §I.2.7: full for 10 ms, then 20 % less each 10 ms

    private readonly short[] _history;          // a ring: what is received touches its own place alone, and the order is made when there is a gap
    private readonly short[] _period;           // what is repeated
    private readonly int _rate, _overlap;
    private int _next, _known, _pitch, _place, _gap;

    /// <summary>Makes one.</summary>
    /// <param name="sampleRate">Samples per second.</param>
    public LossConcealment(int sampleRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 8000);
        _rate = sampleRate;
        _history = new short[sampleRate * HistoryMilliseconds / 1000];
        _period = new short[sampleRate / LongestPitchHertz];
        _overlap = sampleRate / 400;            // a quarter of a wavelength at 100 Hz, 2.5 ms
    }

    /// <summary>Takes samples that were received.</summary>
    /// <param name="samples">In order, without a break but those that <see cref="Conceal"/> filled.</param>
    public void Received(ReadOnlySpan<short> samples)
    {
        if (samples.IsEmpty)
            return;
        _gap = 0;
        Remember(samples);
    }

    /// <summary>Forgets what came: another talk begins.</summary>
    public void Reset() => (_known, _gap) = (0, 0);

    /// <summary>Makes the samples of a gap; called again without <see cref="Received"/> between, the gap goes on.</summary>
    /// <param name="samples">All of it is written.</param>
    public void Conceal(Span<short> samples)
    {
        if (_known < _history.Length)
        {
            samples.Clear();                    // nothing was heard yet that could go on
            return;
        }
        if (_gap == 0)
            Begin();
        int full = _rate * FullMilliseconds / 1000, silent = _rate * SilentMilliseconds / 1000;
        for (int i = 0; i < samples.Length; i++, _gap++)
        {
            if (_gap >= silent)
            {
                samples[i..].Clear();
                _gap += samples.Length - i;
                return;
            }
            int strength = _gap < full ? 1 << 12 : (int)((long)(silent - _gap) * (1 << 12) / (silent - full));
            samples[i] = (short)((_period[_place] * strength) >> 12);
            _place = _place + 1 == _pitch ? 0 : _place + 1;
        }
    }

    /// <summary>Finds the pitch, and takes the last period so that its end runs into its beginning.</summary>
    private void Begin()
    {
        Span<short> history = stackalloc short[_history.Length];
        _history.AsSpan(_next).CopyTo(history);                     // the oldest sample is where the next one goes
        _history.AsSpan(0, _next).CopyTo(history[^_next..]);
        _pitch = FindPitch(history);
        ReadOnlySpan<short> last = history[^_pitch..];
        last.CopyTo(_period);
        // §I.2.3: over a quarter of a period the end is blended with what came a period earlier, so that the repetition has no seam.
        int blend = Math.Min(_overlap, _pitch / 4);
        for (int i = 0; i < blend; i++)
        {
            int at = _pitch - blend + i;
            int before = history[history.Length - _pitch - blend + i];
            _period[at] = (short)(((last[at] * (blend - 1 - i)) + (before * (i + 1))) / blend);
        }
        _place = 0;
    }

    /// <summary>The lag at which the last 20 ms are most like what came before: first among few samples and lags (as Appendix I §I.2.2 looks, too), then by all around the best of these.</summary>
    private int FindPitch(ReadOnlySpan<short> history)
    {
        int shortest = _rate / ShortestPitchHertz, longest = _rate / LongestPitchHertz, length = _rate * CorrelationMilliseconds / 1000;
        int step = _rate / CoarseRate;
        Span<short> coarse = stackalloc short[history.Length / step];
        ReadOnlySpan<short> newest = history[^(coarse.Length * step)..];
        for (int i = 0; i < coarse.Length; i++)
        {
            int sum = 0;
            foreach (short sample in newest.Slice(i * step, step))
                sum += sample;
            coarse[i] = (short)(sum / step);
        }
        int near = step * FindLag(coarse, shortest / step, longest / step, length / step, out _);
        int pitch = FindLag(history, Math.Max(shortest, near - step + 1), Math.Min(longest, near + step - 1), length, out double score);
        // Two periods may fit better than one, whose end is rarely where a sample is.
        int two = FindLag(history, Math.Min(longest, (2 * near) - step), Math.Min(longest, (2 * near) + step), length, out double scoreOfTwo);
        return (2 * near) - step <= longest && scoreOfTwo > score ? two : pitch;
    }

    /// <summary>The lag between two, inclusive, at which the last samples are most like what came before (normalised cross-correlation).</summary>
    private static int FindLag(ReadOnlySpan<short> history, int shortest, int longest, int length, out double bestScore)
    {
        length = Math.Min(length, history.Length - longest);
        ReadOnlySpan<short> newest = history[^length..];
        int best = longest;
        bestScore = double.NegativeInfinity;
        long energy = 1 + AudioLevel.SumOfSquares(history.Slice(history.Length - length - shortest, length));
        for (int lag = shortest; lag <= longest; lag++)
        {
            int from = history.Length - length - lag;
            double score = AudioLevel.SumOfProducts(newest, history.Slice(from, length)) / Math.Sqrt(energy);
            if (score > bestScore)
                (best, bestScore) = (lag, score);
            if (from > 0)
                energy += (history[from - 1] * history[from - 1]) - (history[from + length - 1] * history[from + length - 1]);     // one sample further back
        }
        return best;
    }

    private void Remember(ReadOnlySpan<short> samples)
    {
        if (samples.Length > _history.Length)
            samples = samples[^_history.Length..];
        int first = Math.Min(samples.Length, _history.Length - _next);
        samples[..first].CopyTo(_history.AsSpan(_next));
        samples[first..].CopyTo(_history);
        _next = (_next + samples.Length) % _history.Length;
        _known = Math.Min(_history.Length, _known + samples.Length);
    }
}
