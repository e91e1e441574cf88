using CloudPbx.Audio.Codecs;
using CloudPbx.Media.Mixing;
using CloudPbx.Media.Relay;
using CloudPbx.Rtp.Packets;
using CloudPbx.Sdp;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Media.Tests.Mixing;

/// <summary>What a listener hears of a voice of which packets are lost, beside what it hears where none is: by segmental signal to noise ratio (ITU-T G.711 Appendix I).</summary>
public sealed class LossTests
{
    private const int Rate = 8000, Frame = Rate / 50, Packets = 500;

    [Theory]
    [InlineData(1, 25, 30)]                 // one packet in 25: nearly all segments are as they were
    [InlineData(1, 10, 25)]
    [InlineData(2, 25, 25)]                 // two in a row
    public void A_voice_of_which_packets_are_lost_is_close_to_the_whole_one(int lost, int outOf, double mean)
    {
        short[] whole = Hear(_ => false), broken = Hear(number => number > 50 && number % outOf < lost);
        IReadOnlyList<double> ratios = SegmentalSnr.Of(whole, broken, Frame);
        Assert.True(ratios.Count > Packets / 2, $"{ratios.Count} segments");
        Assert.True(ratios.Average() > mean, $"{ratios.Average():F1} dB");
        // What was made up is worth having: a hole would be 0 dB.
        double[] faulty = [.. ratios.Where(ratio => ratio < 30)];
        Assert.NotEmpty(faulty);
        Assert.True(faulty.Average() > 3, $"{faulty.Average():F1} dB where packets were lost");
        // And no fault outlives the lost packet by more than one that is faded in.
        Assert.True(faulty.Length <= (Packets / outOf * (lost + 1)) + 1, $"{faulty.Length} segments");
    }

    private static short[] Hear(Func<int, bool> isLost)
    {
        var speech = new SpeechIn(Rate) { Kinds = PayloadKinds.Of(Speaker.MediaOf(AudioCodec.Pcma)) };
        var codec = new ALawCodec();
        byte[] packet = new byte[RtpPacket.FixedHeaderLength + Frame];
        short[] said = new short[Frame], frame = new short[Frame];
        List<short> heard = [];
        for (int i = 0; i < Packets; i++)
        {
            for (int k = 0; k < Frame; k++)
                said[k] = Voice((i * Frame) + k);
            RtpHeader.Write(packet, Speaker.PayloadTypeOf(AudioCodec.Pcma), false, (ushort)i, (uint)(i * Frame), 1);
            codec.Encode(said, packet.AsSpan(RtpPacket.FixedHeaderLength));
            if (!isLost(i))
                speech.Add(Speaker.Parse(packet), i * SpeechIn.TickMilliseconds);
            speech.Take(i * SpeechIn.TickMilliseconds, frame);
            heard.AddRange(frame);
        }
        return [.. heard];
    }

    /// <summary>A vowel whose pitch and loudness go up and down as those of a voice do.</summary>
    private static short Voice(int sample)
    {
        double seconds = (double)sample / Rate;
        double phase = 2 * Math.PI * ((120 * seconds) - (4 / (2 * Math.PI * 0.7) * Math.Cos(2 * Math.PI * 0.7 * seconds)));
        double loudness = 0.6 + (0.4 * Math.Sin(2 * Math.PI * 1.5 * seconds));
        double sum = 0;
        for (int harmonic = 1; harmonic <= 8; harmonic++)
            sum += Math.Sin((harmonic * phase) + harmonic) / harmonic;
        return (short)(5000 * loudness * sum);
    }
}
