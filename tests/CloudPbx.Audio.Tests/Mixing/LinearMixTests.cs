using CloudPbx.Audio.Mixing;

namespace CloudPbx.Audio.Tests.Mixing;

public sealed class LinearMixTests
{
    [Fact]
    public void Each_hears_all_but_itself()
    {
        short[] a = [100, -100, 7], b = [20, 30, 40], c = [1, 2, 3];
        int[] sum = new int[3];
        short[] heard = new short[3];
        LinearMix.Add(sum, a);
        LinearMix.Add(sum, b);
        LinearMix.Add(sum, c);
        LinearMix.Minus(sum, a, heard);
        Assert.Equal([21, 32, 43], heard);
        LinearMix.Minus(sum, [], heard);
        Assert.Equal([121, -68, 50], heard);
    }

    [Fact]
    public void Loud_parties_together_are_held_to_16_bits()
    {
        int[] sum = new int[64];
        short[] loud = [.. Enumerable.Repeat(short.MaxValue, 64)], heard = new short[64];
        LinearMix.Add(sum, loud);
        LinearMix.Add(sum, loud);
        LinearMix.Minus(sum, [], heard);
        Assert.All(heard, sample => Assert.Equal(short.MaxValue, sample));
    }

    [Fact]
    public void The_vector_path_gives_the_samples_of_the_scalar_path()
    {
        var random = new Random(3);
        for (int length = 0; length < 200; length++)
        {
            short[] one = Noise(random, length), two = Noise(random, length), heard = new short[length], expected = new short[length];
            int[] sum = new int[length], expectedSum = new int[length];
            LinearMix.Add(sum, one);
            LinearMix.Add(sum, two);
            LinearMix.AddScalar(expectedSum, one);
            LinearMix.AddScalar(expectedSum, two);
            Assert.Equal(expectedSum, sum);
            LinearMix.Minus(sum, one, heard);
            LinearMix.MinusScalar(sum, one, expected);
            Assert.Equal(expected, heard);
            LinearMix.Minus(sum, [], heard);
            LinearMix.MinusScalar(sum, [], expected);
            Assert.Equal(expected, heard);
        }
    }

    private static short[] Noise(Random random, int length) => [.. Enumerable.Range(0, length).Select(_ => (short)random.Next(short.MinValue, short.MaxValue + 1))];
}
