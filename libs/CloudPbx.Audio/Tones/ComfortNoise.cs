namespace CloudPbx.Audio.Tones;

/// <summary>
/// White noise of a level, for the pauses of a talker that sends nothing in them (RFC 3389): without it a listener thinks that the line is dead. A noise frame's
/// spectral information is not used: a listener tells level from level, hardly colour from colour.
/// </summary>
/// <remarks>Allocation-free. Not thread-safe: one for each stream.</remarks>
public sealed class ComfortNoise
{
    /// <summary>What silence is: the lowest level that a frame can say, in −dBov.</summary>
    public const int Silence = 127;

    private const double FullScale = 32768;
    private const double DbovOfDbm0 = AudioLevel.FullScaleDbm0 + 3.01;      // a full-scale sine has −3.01 dBov (RFC 3389 §3.1)

    private uint _state = 0x9E37_79B9;
    private int _peak;

    /// <summary>The level in −dBov: 0 is the loudest, 127 silence.</summary>
    public int Level
    {
        get;
        set
        {
            field = Math.Clamp(value, 0, Silence);
            // The root of the mean square of what is spread evenly between −a and a is a through the root of three.
            _peak = field >= 96 ? 0 : (int)Math.Min(short.MaxValue, FullScale * Math.Sqrt(3) * Math.Pow(10, -field / 20.0));
        }
    } = Silence;

    /// <summary>The level of some sound, in −dBov.</summary>
    public static int LevelOf(ReadOnlySpan<short> samples)
    {
        double dbm0 = AudioLevel.Of(samples);
        return dbm0 <= AudioLevel.Floor ? Silence : (int)Math.Clamp(Math.Round(DbovOfDbm0 - dbm0), 0, Silence);
    }

    /// <summary>The level that a noise frame says (RFC 3389 §3.1); its most significant bit is none of it.</summary>
    /// <param name="payload">The frame.</param>
    /// <returns><see cref="Silence"/> for an empty one.</returns>
    public static int LevelOfFrame(ReadOnlySpan<byte> payload) => payload.IsEmpty ? Silence : payload[0] & 0x7F;

    /// <summary>Makes noise.</summary>
    public void Generate(Span<short> samples)
    {
        if (_peak == 0)
        {
            samples.Clear();
            return;
        }
        for (int i = 0; i < samples.Length; i++)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            samples[i] = (short)(((long)(int)_state * _peak) >> 31);
        }
    }
}
