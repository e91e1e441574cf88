using System.Buffers.Binary;
using CloudPbx.Audio.Wave;

namespace CloudPbx.Audio.Tests.Wave;

public sealed class StereoFramesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(163)]
    public void Samples_of_both_channels_stand_in_turn(int length)
    {
        var random = new Random(length);
        short[] left = Samples(random, length), right = Samples(random, length);
        byte[] frames = new byte[(length * StereoFrames.FrameLength) + 1];
        frames[^1] = 0xAB;
        StereoFrames.Interleave(left, right, frames);
        for (int i = 0; i < length; i++)
        {
            Assert.Equal(left[i], BinaryPrimitives.ReadInt16LittleEndian(frames.AsSpan(i * 4)));
            Assert.Equal(right[i], BinaryPrimitives.ReadInt16LittleEndian(frames.AsSpan((i * 4) + 2)));
        }
        Assert.Equal(0xAB, frames[^1]);
    }

    [Fact]
    public void Channels_of_different_lengths_and_too_little_room_are_refused()
    {
        Assert.Throws<ArgumentException>(() => StereoFrames.Interleave(new short[2], new short[1], new byte[8]));
        Assert.Throws<ArgumentException>(() => StereoFrames.Interleave(new short[2], new short[2], new byte[7]));
    }

    private static short[] Samples(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
}
