namespace CloudPbx.Rtp.Jitter;

/// <summary>How late packets are against the fastest of their source, the last few seconds counting most: says what delay nearly all of them make.</summary>
/// <remarks>All memory is taken at the start. Not thread-safe.</remarks>
public sealed class DelayHistogram
{
    private const int BinMilliseconds = 5;
    private const int Bins = 120;                       // 600 ms
    private const float Growth = 1 / 0.995f;            // each packet weighs more than the one before: half of the weight lies in the last 138, three seconds of 20 ms packets
    private const float Heaviest = 1e9f;                // then all are scaled down, long before a float has no digits left

    private readonly float[] _bins = new float[Bins];
    private float _total, _weight = 1;

    /// <summary>Counts one packet.</summary>
    /// <param name="milliseconds">How much later than the fastest it came.</param>
    public void Add(long milliseconds)
    {
        if (_weight > Heaviest)
            ScaleDown();
        _bins[(int)Math.Clamp(milliseconds / BinMilliseconds, 0, Bins - 1)] += _weight;
        _total += _weight;
        _weight *= Growth;
    }

    /// <summary>A faster packet came: all others were later than they seemed.</summary>
    /// <param name="milliseconds">By how much.</param>
    public void Shift(long milliseconds)
    {
        int places = (int)Math.Min(milliseconds / BinMilliseconds, Bins - 1);
        if (places <= 0)
            return;
        float beyond = 0;
        for (int i = Bins - places; i < Bins; i++)
            beyond += _bins[i];
        _bins.AsSpan(0, Bins - places).CopyTo(_bins.AsSpan(places));
        _bins.AsSpan(0, places).Clear();
        _bins[^1] += beyond;
    }

    /// <summary>The delay that a share of the packets make.</summary>
    /// <param name="share">For example 0.97.</param>
    /// <returns>Milliseconds, the end of a bin of 5; 0 where nothing came.</returns>
    public int DelayFor(double share)
    {
        double wanted = _total * share, sum = 0;
        if (_total <= 0)
            return 0;
        for (int i = 0; i < Bins; i++)
        {
            sum += _bins[i];
            if (sum >= wanted)
                return (i + 1) * BinMilliseconds;
        }
        return Bins * BinMilliseconds;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _bins.AsSpan().Clear();
        (_total, _weight) = (0, 1);
    }

    private void ScaleDown()
    {
        _total = 0;
        for (int i = 0; i < Bins; i++)
            _total += _bins[i] /= _weight;
        _weight = 1;
    }
}
