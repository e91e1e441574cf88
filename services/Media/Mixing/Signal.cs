using CloudPbx.Audio.Tones;

namespace CloudPbx.Media.Mixing;

/// <summary>The short tones by which a conference hears that somebody came (rising) or left (falling).</summary>
internal sealed class Signal
{
    private const double LowHertz = 523.25, HighHertz = 659.26, LevelDbm0 = -22;        // C and E: no telephone's tone, and none of DTMF's
    private const int Frames = 15;                                                      // 150 ms each
    private static readonly short[] s_cameNarrow = Make(true, Rates.Narrow), s_cameWide = Make(true, Rates.Wide);
    private static readonly short[] s_leftNarrow = Make(false, Rates.Narrow), s_leftWide = Make(false, Rates.Wide);

    private bool _came;
    private int _frame = Frames;

    public bool IsOn => _frame < Frames;

    /// <summary>This frame's samples at 8 kHz.</summary>
    public ReadOnlySpan<short> Narrow => (_came ? s_cameNarrow : s_leftNarrow).AsSpan(_frame * Rates.NarrowFrame, Rates.NarrowFrame);

    /// <summary>This frame's samples at 16 kHz.</summary>
    public ReadOnlySpan<short> Wide => (_came ? s_cameWide : s_leftWide).AsSpan(_frame * Rates.WideFrame, Rates.WideFrame);

    public void Begin(bool came) => (_came, _frame) = (came, 0);

    public void Advance() => _frame++;

    private static short[] Make(bool came, int rate)
    {
        short[] samples = new short[rate * SpeechIn.TickMilliseconds * Frames / 1000];
        int half = samples.Length / 2, fade = rate / 100;
        new ToneGenerator(new Audio.Tones.Tone(came ? LowHertz : HighHertz, LevelDbm0: LevelDbm0), rate).Read(samples.AsSpan(0, half));
        new ToneGenerator(new Audio.Tones.Tone(came ? HighHertz : LowHertz, LevelDbm0: LevelDbm0), rate).Read(samples.AsSpan(half));
        foreach (int start in (int[])[0, half])
        {
            int length = start == 0 ? half : samples.Length - half;
            for (int i = 0; i < fade; i++)
            {
                samples[start + i] = (short)(samples[start + i] * i / fade);
                samples[start + length - 1 - i] = (short)(samples[start + length - 1 - i] * i / fade);
            }
        }
        return samples;
    }
}
