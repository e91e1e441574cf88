namespace CloudPbx.Audio.Tones;

/// <summary>A plain radix-2 Fourier transform, in place.</summary>
internal static class FourierTransform
{
    public static void Forward(Span<double> real, Span<double> imaginary)
    {
        int length = real.Length;
        for (int i = 1, j = 0; i < length; i++)
        {
            int bit = length >> 1;
            for (; (j & bit) != 0; bit >>= 1)
                j ^= bit;
            j ^= bit;
            if (i < j)
            {
                (real[i], real[j]) = (real[j], real[i]);
                (imaginary[i], imaginary[j]) = (imaginary[j], imaginary[i]);
            }
        }
        for (int size = 2; size <= length; size <<= 1)
        {
            double angle = -2 * Math.PI / size;
            for (int k = 0; k < size / 2; k++)
            {
                (double sine, double cosine) = Math.SinCos(angle * k);
                for (int start = k; start < length; start += size)
                {
                    int other = start + (size / 2);
                    double r = (real[other] * cosine) - (imaginary[other] * sine);
                    double i = (real[other] * sine) + (imaginary[other] * cosine);
                    (real[other], imaginary[other]) = (real[start] - r, imaginary[start] - i);
                    (real[start], imaginary[start]) = (real[start] + r, imaginary[start] + i);
                }
            }
        }
    }
}
