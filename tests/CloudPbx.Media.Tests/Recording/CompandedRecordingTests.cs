using CloudPbx.Blobs.Recordings;
using CloudPbx.Media.Recording;
using CloudPbx.Media.Relay;
using CloudPbx.MediaControl;

namespace CloudPbx.Media.Tests.Recording;

/// <summary>Telephones that speak G.711 are recorded as G.711.</summary>
public sealed class CompandedRecordingTests
{
    private const int BlockFrames = CompandedBlock.Frames;

    [Fact]
    public void A_recording_of_G711_is_half_as_long_as_one_of_16_bits()
    {
        long companded = LengthOf(8000, AudioFormat.Pcma), linear = LengthOf(16000, AudioFormat.G722);
        Assert.InRange(companded, linear * 24 / 100, linear * 27 / 100);       // of twice as many samples

        static long LengthOf(int rate, AudioFormat format)
        {
            using var bench = new RecordingBench(rate);
            Talker a = new(bench, 0, 100_000, format: format);
            for (int i = 0; i < 1000; i++)
                a.Say(20);
            return bench.Finish(20_200_000).Length;
        }
    }

    [Fact]
    public void Who_changes_from_one_law_to_the_other_in_a_call_is_recorded_sample_by_sample()
    {
        using var bench = new RecordingBench();
        uint sequence = 500, timestamp = 1000;
        List<short> said = [];
        for (int i = 0; i < 20; i++)
        {
            Talker a = new(bench, 0, 100_000 + (i * 260_000L), format: i % 2 == 0 ? AudioFormat.Pcma : AudioFormat.Pcmu) { Ssrc = 9, Sequence = sequence, Timestamp = timestamp };
            for (int packet = 0; packet < 13; packet++)
                a.Say(20);
            said.AddRange(a.Said);
            (sequence, timestamp) = (a.Sequence, a.Timestamp);
        }
        Assert.False(bench.Finish(6_500_000).IsPartial);
        short[] heard = bench.Channel(0);
        Assert.True(heard.AsSpan().IndexOf(said.ToArray()) >= 0);
    }

    [Fact]
    public void Who_changes_with_each_packet_keeps_the_length_and_almost_the_samples()
    {
        using var bench = new RecordingBench();
        uint sequence = 500, timestamp = 1000;
        List<short> said = [];
        for (int i = 0; i < 300; i++)
        {
            Talker a = new(bench, 0, 100_000 + (i * 10_000L), format: i % 2 == 0 ? AudioFormat.Pcma : AudioFormat.Pcmu, voice: at => (short)(8000 * Math.Sin(at * .3))) { Ssrc = 9, Sequence = sequence, Timestamp = timestamp };
            a.Say(10);
            said.AddRange(a.Said);
            (sequence, timestamp) = (a.Sequence, a.Timestamp);
        }
        bench.Finish(4_000_000);
        short[] heard = bench.Channel(0);
        int at = heard.AsSpan().IndexOf(said.GetRange(0, 80).ToArray());
        Assert.True(at >= 0);
        for (int i = 0; i < said.Count; i++)
            Assert.InRange(heard[at + i] - said[i], -512, 512);                 // a step of the highest segment that is in use
    }

    [Fact]
    public void A_pause_is_silence_of_zeros_whatever_the_law()
    {
        using var bench = new RecordingBench();
        Talker a = new(bench, 0, 100_000), b = new(bench, 1, 100_000, format: AudioFormat.Pcmu);
        foreach (Talker talker in (Talker[])[a, b])
        {
            for (int i = 0; i < 50; i++)
                talker.Say(20);
            talker.Rest(1500);
            for (int i = 0; i < 50; i++)
                talker.Say(20);
        }
        bench.Finish(4_500_000);
        foreach ((Talker talker, int channel) in (ReadOnlySpan<(Talker, int)>)[(a, 0), (b, 1)])
        {
            short[] heard = bench.Channel(channel);
            int first = heard.AsSpan().IndexOf(talker.Said.GetRange(0, 8000).ToArray()), second = heard.AsSpan().IndexOf(talker.Said.GetRange(8000, 8000).ToArray());
            Assert.InRange(second - first, 8000 + 11_900, 8000 + 12_100);
            Assert.True(heard.AsSpan()[(first + 8000)..second].IndexOfAnyExcept((short)0) < 0);
            Assert.True(heard.AsSpan()[..first].IndexOfAnyExcept((short)0) < 0);
        }
    }

    [Fact]
    public void Short_words_with_long_pauses_between_keep_the_length_where_a_block_has_no_room_for_all()
    {
        var staged = new CompandedSamples();
        short[] word = [.. Enumerable.Range(0, 80).Select(i => (short)(i * 100))];
        byte[] octets = new byte[80];
        Audio.Codecs.G711.EncodeALaw(word, octets);
        Audio.Codecs.G711.DecodeALaw(octets, word);
        for (int i = 0; i < 25; i++)
        {
            staged.Add(word, AudioFormat.Pcma, octets);
            staged.AddSilence(80);
        }
        byte[] block = new byte[CompandedBlock.LengthOf(4000)];
        CompandedBlock.Clear(block);
        staged.TakeInto(4000, block, 0);
        byte[] decoded = new byte[4000 * 4];
        CompandedBlock.Decode(block, decoded);
        ReadOnlySpan<short> samples = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, short>(decoded);
        for (int i = 0; i < 4000; i++)
            Assert.InRange(samples[2 * i] - (i % 160 < 80 ? word[i % 160] : 0), i % 160 < 80 ? 0 : -8, i % 160 < 80 ? 0 : 8);
    }

    [Fact]
    public void What_nobody_takes_is_forgotten_and_blocks_go_on_after_it()
    {
        var staged = new CompandedSamples();
        byte[] octets = [.. Enumerable.Repeat((byte)0x33, 160)];
        short[] samples = new short[160];
        Audio.Codecs.G711.DecodeMuLaw(octets, samples);
        byte[] block = new byte[CompandedBlock.LengthOf(BlockFrames)];
        for (int i = 0; i < 1000; i++)
        {
            if (i % 3 == 0)
                staged.AddSilence(160);
            else
                staged.Add(samples, i % 2 == 0 ? AudioFormat.Pcma : AudioFormat.Pcmu, octets);
        }
        Assert.Equal(160_000, staged.Cursor);
        while (staged.Cursor - staged.Taken >= BlockFrames)
        {
            CompandedBlock.Clear(block);
            staged.TakeInto(BlockFrames, block, 1);
            CompandedBlock.Decode(block, new byte[BlockFrames * 4]);
        }
        Assert.InRange(staged.Taken, 150_000, 160_000);
    }
}
