using CloudPbx.Audio.Concealment;
using CloudPbx.Audio.Tones;

namespace CloudPbx.Audio.Tests.Concealment;

public sealed class LossConcealmentTests                                        // ITU-T G.711 Appendix I
{
    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    public void A_lost_packet_sounds_like_what_came_before(int rate)
    {
        short[] talk = new short[rate];
        new ToneGenerator(new Tone(200, 400, -10), rate).Read(talk);
        var concealment = new LossConcealment(rate);
        concealment.Received(talk.AsSpan(0, rate / 2));
        short[] gap = new short[rate / 50];
        concealment.Conceal(gap);
        // Against what was lost: the error is small beside the signal.
        double error = 0, signal = 0;
        for (int i = 0; i < gap.Length / 2; i++)
        {
            error += Math.Pow(gap[i] - talk[(rate / 2) + i], 2);
            signal += Math.Pow(talk[(rate / 2) + i], 2);
        }
        Assert.True(10 * Math.Log10(signal / error) > 15, $"{10 * Math.Log10(signal / error)} dB");
    }

    /// <summary>Voices from the lowest to the highest pitch that is looked for, with the formants of a vowel: what is made up goes on in their period.</summary>
    [Theory]
    [InlineData(8000)]
    [InlineData(16000)]
    [InlineData(48000)]
    public void The_pitch_of_a_voice_goes_on(int rate)
    {
        var random = new Random(7);
        for (double pitch = 68; pitch < 198; pitch *= 1.013)
        {
            short[] talk = new short[rate / 5];
            double phase = random.NextDouble();
            for (int i = 0; i < talk.Length; i++)
            {
                double value = 0;
                for (int harmonic = 1; harmonic * pitch < 3400; harmonic++)
                    value += Strength(harmonic * pitch) * Math.Cos((2 * Math.PI * harmonic * pitch * i / rate) + (phase * harmonic * harmonic));
                talk[i] = (short)((1500 * value) + random.Next(-60, 60));
            }
            var concealment = new LossConcealment(rate);
            concealment.Received(talk.AsSpan(0, talk.Length / 2));
            short[] gap = new short[rate / 100];
            concealment.Conceal(gap);
            ReadOnlySpan<short> lost = talk.AsSpan(talk.Length / 2, gap.Length);
            double likeness = AudioLevel.SumOfProducts(gap, lost) / Math.Sqrt(AudioLevel.SumOfSquares(gap) * (double)AudioLevel.SumOfSquares(lost));
            Assert.True(likeness > .8, $"{pitch:0} Hz: {likeness:0.00}");
        }

        static double Strength(double hertz) => .05 + Math.Exp(-Math.Pow((hertz - 600) / 250, 2)) + (.5 * Math.Exp(-Math.Pow((hertz - 1700) / 300, 2)));
    }

    [Fact]
    public void A_long_gap_fades_to_silence_within_60_ms()
    {
        short[] talk = new short[4000], gap = new short[800];
        new ToneGenerator(new Tone(300, LevelDbm0: -10), 8000).Read(talk);
        var concealment = new LossConcealment(8000);
        concealment.Received(talk);
        concealment.Conceal(gap.AsSpan(0, 160));                                // in pieces, as packets are missed
        concealment.Conceal(gap.AsSpan(160));
        Assert.InRange(AudioLevel.Of(gap.AsSpan(0, 80)), -11, -9);
        Assert.True(AudioLevel.Of(gap.AsSpan(320, 80)) < -13);
        Assert.All(gap[480..], sample => Assert.Equal(0, sample));
    }

    [Fact]
    public void Nothing_is_made_up_before_anybody_spoke()
    {
        short[] gap = [.. Enumerable.Repeat((short)5, 160)];
        new LossConcealment(8000).Conceal(gap);
        Assert.All(gap, sample => Assert.Equal(0, sample));
    }

    [Fact]
    public void It_allocates_nothing()
    {
        short[] talk = new short[800], gap = new short[160];
        var concealment = new LossConcealment(8000);
        concealment.Received(talk);
        concealment.Conceal(gap);
        long before = GC.GetAllocatedBytesForCurrentThread();
        concealment.Received(talk);
        concealment.Conceal(gap);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
