using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CloudPbx.Audio.Wave;

/// <summary>Two channels as frames of 16-bit little-endian samples, left before right: the form of WAVE files and recordings.</summary>
public static class StereoFrames
{
    /// <summary>Octets of a frame.</summary>
    public const int FrameLength = 4;

    /// <summary>Writes the samples of two channels in turn.</summary>
    /// <param name="left">The first channel.</param>
    /// <param name="right">The second, as long as the first.</param>
    /// <param name="frames">Takes them: <see cref="FrameLength"/> octets for each sample of a channel.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static void Interleave(ReadOnlySpan<short> left, ReadOnlySpan<short> right, Span<byte> frames)
    {
        if (right.Length != left.Length || frames.Length < left.Length * FrameLength)
            throw new ArgumentException("The channels must be as long as each other, and the frames have room for both.", nameof(frames));
        int i = 0;
        if (Vector128.IsHardwareAccelerated && BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ushort> first = MemoryMarshal.Cast<short, ushort>(left), second = MemoryMarshal.Cast<short, ushort>(right);
            for (; i <= left.Length - Vector128<ushort>.Count; i += Vector128<ushort>.Count)
            {
                (Vector128<uint> leftLower, Vector128<uint> leftUpper) = Vector128.Widen(Vector128.Create(first[i..]));
                (Vector128<uint> rightLower, Vector128<uint> rightUpper) = Vector128.Widen(Vector128.Create(second[i..]));
                Span<byte> to = frames[(i * FrameLength)..];
                (leftLower | (rightLower << 16)).AsByte().CopyTo(to);
                (leftUpper | (rightUpper << 16)).AsByte().CopyTo(to[Vector128<byte>.Count..]);
            }
        }
        for (; i < left.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(frames[(i * FrameLength)..], (ushort)left[i] | ((uint)(ushort)right[i] << 16));
    }
}
