using CloudPbx.Audio.Codecs;
using CloudPbx.Contracts.Ids;
using CloudPbx.Media.Mixing;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;
using CloudPbx.Rtp.Packets;
using CloudPbx.Sdp;
using CloudPbx.TestKit.Recordings;

namespace CloudPbx.Media.Tests.Mixing;

/// <summary>How long speech takes through what holds it back, to the sample: cross-correlation of what was said and what is heard, on simulated time.</summary>
public sealed class DelayTests
{
    private const int Rate = 8000, Seconds = 12;
    private const int Piece = Rate / 20;
    private const double Alike = 0.8;
    private const int MinDelay = 20, HalfFrame = SpeechIn.TickMilliseconds / 2;

    [Theory]
    [InlineData(20, 0)]
    [InlineData(10, 0)]
    [InlineData(30, 0)]
    [InlineData(60, 0)]
    [InlineData(20, 15)]
    [InlineData(20, 60)]
    public void A_listener_hears_the_jitter_buffers_delay_late_and_not_more_than_half_a_frame_off_it(int ptime, int jitter)
    {
        short[] said = VoiceNoise.Make(1, TimeSpan.FromSeconds(Seconds));
        var speech = new SpeechIn(Rate) { Kinds = PayloadKinds.Of(Speaker.MediaOf(AudioCodec.Pcma, ptime)) };
        var random = new Random(4711);
        List<short> heard = [];
        Queue<(long Arrives, byte[] Packet)> underWay = [];
        short[] frame = new short[Rate * SpeechIn.TickMilliseconds / 1000];
        List<int> delays = [];                                          // of the buffer, frame by frame
        for (int now = 0, sent = 0; now < Seconds * 1000; now++)
        {
            if (now % ptime == 0 && now + ptime <= Seconds * 1000)
            {
                // A queue on the way: never out of order, now and then held up. What is said from now on leaves when it is complete; its delay is counted from there.
                long arrives = now + random.Next(jitter + 1);
                underWay.Enqueue((Math.Max(arrives, underWay.Count > 0 ? underWay.Last().Arrives : 0), Packet(said, sent++, ptime)));
            }
            while (underWay.TryPeek(out (long Arrives, byte[] Packet) next) && next.Arrives <= now)
                speech.Add(Speaker.Parse(underWay.Dequeue().Packet), now);
            if (now % SpeechIn.TickMilliseconds != 0)
                continue;
            speech.Take(now, frame);
            heard.AddRange(frame);
            delays.Add(speech.DelayMilliseconds);
        }
        // Near the end, when the buffer has found its delay; in short pieces, since where it follows the jitter speech is stretched, and some packets were too late.
        List<double> off = [];
        for (int at = (Seconds - 3) * Rate; at < (Seconds - 1) * Rate; at += 2 * Piece)
        {
            (int place, double likeness) = CrossCorrelation.Find(said, heard.ToArray().AsSpan(at, Piece));
            if (likeness > Alike)
                off.Add(((at - place) * 1000.0 / Rate) - delays[at / frame.Length]);
        }
        Assert.True(off.Count > Rate / Piece / 2, $"{off.Count} pieces are like what was said");
        Assert.InRange(delays[^1], MinDelay, Math.Max(MinDelay, jitter + 1));
        Assert.InRange(off.Order().ElementAt(off.Count / 2), -HalfFrame, HalfFrame);
    }

    [Fact]
    public void A_conference_adds_the_speakers_jitter_buffer_and_no_more_than_half_a_frame()
    {
        short[][] said = [VoiceNoise.Make(1, TimeSpan.FromSeconds(Seconds)), VoiceNoise.Make(2, TimeSpan.FromSeconds(Seconds))];
        var conference = new Conference();
        Participant[] parties = [.. Enumerable.Range(0, 3).Select(i =>
            new Participant(new LegId(CallId.New(), i), new MixPort(null!), MixFormat.Of(Speaker.MediaOf(AudioCodec.Pcma), null)!))];
        foreach (Participant party in parties)
            conference.Add(party);
        List<short> heard = [];
        short[] decoded = new short[Rate];
        var ear = new ALawCodec();
        for (int now = 0, sent = 0; now < 4000; now += SpeechIn.TickMilliseconds, sent++)
        {
            for (int i = 0; i < said.Length; i++)
                Assert.True(parties[i].Port.In.TryWrite(now * 1000L, Packet(said[i], sent, SpeechIn.TickMilliseconds)));
            conference.Mix(now);
            foreach (Participant party in parties)
            {
                while (party.Port.Out.TryRead(out _, out Span<byte> payload))
                {
                    int length = ear.Decode(payload, decoded);
                    if (party == parties[2])
                        heard.AddRange(decoded.AsSpan(0, length));
                }
            }
        }
        int at = 2 * Rate;
        for (int i = 0; i < said.Length; i++)
        {
            (int place, double likeness) = CrossCorrelation.Find(said[i], heard.ToArray().AsSpan(at, Rate / 2));
            Assert.True(likeness > Alike / 2, $"{likeness:F2}");             // two voices at once: each is seven tenths of the sum
            Assert.InRange((at - place) * 1000.0 / Rate, parties[i].DelayMilliseconds - HalfFrame, parties[i].DelayMilliseconds + HalfFrame);
        }
    }

    private static byte[] Packet(short[] said, int number, int ptime)
    {
        int samples = Rate * ptime / 1000;
        byte[] packet = new byte[RtpPacket.FixedHeaderLength + samples];
        RtpHeader.Write(packet, Speaker.PayloadTypeOf(AudioCodec.Pcma), false, (ushort)number, (uint)(number * samples), 1);
        new ALawCodec().Encode(said.AsSpan(number * samples, samples), packet.AsSpan(RtpPacket.FixedHeaderLength));
        return packet;
    }
}
