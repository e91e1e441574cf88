namespace CloudPbx.Audio.Tones;

/// <summary>Makes the samples of a tone, block after block without a break in phase or cadence.</summary>
/// <remarks>Reading allocates nothing. Not thread-safe.</remarks>
public sealed class ToneGenerator
{
    private readonly Tone _tone;
    private readonly int _sampleRate;
    private readonly double _amplitude, _secondStep, _modulationStep;
    private readonly double[] _steps;           // of the cadence's "on"s in their order; one for a tone whose "on"s sound alike
    private readonly long _period;              // samples of the whole cadence; 0 for a continuous tone
    private double _phase, _secondPhase, _modulationPhase;
    private long _position;

    /// <summary>Starts a tone at its first "on".</summary>
    /// <param name="tone">The tone.</param>
    /// <param name="sampleRate">Samples per second.</param>
    public ToneGenerator(Tone tone, int sampleRate)
    {
        ArgumentNullException.ThrowIfNull(tone);
        ArgumentOutOfRangeException.ThrowIfLessThan(sampleRate, 1000);
        _tone = tone;
        _sampleRate = sampleRate;
        _amplitude = AudioLevel.SineAmplitude(tone.LevelDbm0);
        _steps = [.. tone.NextHertz.Prepend(tone.Hertz).Select(hertz => 2 * Math.PI * hertz / sampleRate)];
        _secondStep = 2 * Math.PI * tone.SecondHertz / sampleRate;
        _modulationStep = 2 * Math.PI * tone.ModulationHertz / sampleRate;
        if (_modulationStep != 0)
            _amplitude *= Math.Sqrt(2.0 / 3);       // the two sidebands have half of the carrier's power
        foreach (int milliseconds in tone.CadenceMilliseconds)
            _period += SamplesOf(milliseconds);
    }

    /// <summary>Makes the next samples.</summary>
    /// <param name="samples">All of it is written.</param>
    public void Read(Span<short> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            int turn = Turn();
            samples[i] = turn >= 0 ? (short)Math.Clamp(Math.Round(_amplitude * (1 + Math.Sin(_modulationPhase)) * (Math.Sin(_phase) + Math.Sin(_secondPhase))), short.MinValue, short.MaxValue) : (short)0;
            _phase = Advance(_phase, _steps[Math.Max(turn, 0) % _steps.Length]);
            _secondPhase = Advance(_secondPhase, _secondStep);
            _modulationPhase = Advance(_modulationPhase, _modulationStep);
            _position++;
        }
    }

    private static double Advance(double phase, double step)
    {
        phase += step;
        return phase >= 2 * Math.PI ? phase - (2 * Math.PI) : phase;
    }

    /// <summary>Which "on" of the cadence it is now, from 0; negative in an "off".</summary>
    private int Turn()
    {
        if (_period == 0)
            return 0;
        long place = _position % _period;
        for (int i = 0; i < _tone.CadenceMilliseconds.Count; i++)
        {
            long length = SamplesOf(_tone.CadenceMilliseconds[i]);
            if (place < length)
                return i % 2 == 0 ? i / 2 : -1;
            place -= length;
        }
        return -1;
    }

    private long SamplesOf(int milliseconds) => (long)milliseconds * _sampleRate / 1000;
}
