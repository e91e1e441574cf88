namespace CloudPbx.Audio.Tones;

/// <summary>The digits' tone pairs (ITU-T Q.23) and their samples.</summary>
public static class Dtmf
{
    private const string Digits = "123A456B789C*0#D";
    private const double LevelDbm0 = -9;

    private static readonly double[] s_rows = [697, 770, 852, 941];
    private static readonly double[] s_columns = [1209, 1336, 1477, 1633];

    /// <summary>The row frequencies in Hz.</summary>
    public static ReadOnlySpan<double> Rows => s_rows;

    /// <summary>The column frequencies in Hz.</summary>
    public static ReadOnlySpan<double> Columns => s_columns;

    /// <summary>The tone pair of a digit.</summary>
    /// <param name="digit">0–9, *, #, A–D in either case.</param>
    /// <returns>The pair, or <see langword="null"/> if it is no digit.</returns>
    public static Tone? ToneOf(char digit)
    {
        int index = Digits.IndexOf(char.ToUpperInvariant(digit), StringComparison.Ordinal);
        return index < 0 ? null : new Tone(s_rows[index / 4], s_columns[index % 4], LevelDbm0);
    }

    /// <summary>The samples of a row of digits, each followed by a pause; other characters are skipped.</summary>
    /// <param name="digits">The digits.</param>
    /// <param name="sampleRate">Samples per second.</param>
    /// <param name="onMilliseconds">How long a digit sounds; Q.24 receivers need 40.</param>
    /// <param name="offMilliseconds">The pause after it; Q.24 receivers need 40.</param>
    /// <returns>All samples.</returns>
    public static short[] Generate(string digits, int sampleRate, int onMilliseconds = 100, int offMilliseconds = 100)
    {
        ArgumentNullException.ThrowIfNull(digits);
        int on = sampleRate * onMilliseconds / 1000, off = sampleRate * offMilliseconds / 1000;
        var samples = new List<short>(digits.Length * (on + off));
        short[] block = new short[on];
        foreach (char digit in digits)
        {
            if (ToneOf(digit) is not { } tone)
                continue;
            new ToneGenerator(tone, sampleRate).Read(block);
            samples.AddRange(block);
            samples.AddRange(new short[off]);
        }
        return [.. samples];
    }
}
