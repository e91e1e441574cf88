using System.Buffers.Binary;
using CloudPbx.Audio.Codecs;
using CloudPbx.Audio.Wave;

namespace CloudPbx.Blobs.Recordings;

/// <summary>What the octets of a run in a <see cref="CompandedBlock"/> mean.</summary>
public enum CompandedLaw
{
    /// <summary>No run: there are no more.</summary>
    None,

    /// <summary>A-law of G.711, as on the wire.</summary>
    ALaw,

    /// <summary>µ-law of G.711, as on the wire.</summary>
    MuLaw,

    /// <summary>Samples of zero, which A-law does not have; the octets mean nothing.</summary>
    Silence,
}

/// <summary>
/// A block of two channels of G.711 in clear. Each channel's octets are those that came by the network: so it has half of what 16-bit samples take, and each sample is still
/// the one that a telephone hears.
/// </summary>
/// <remarks>
/// For each channel 32 octets of runs: 2 octets where the run begins (little-endian, in samples), 1 octet its <see cref="CompandedLaw"/>; the first begins at 0. Then one channel's
/// octets, then the other's.
/// </remarks>
public static class CompandedBlock
{
    /// <summary>Channels of each.</summary>
    public const int Channels = 2;

    /// <summary>Frames of a whole one, 507 ms: sealed, it is two pages of a disk.</summary>
    public const int Frames = ((2 * 4096) - SealedAudio.TagLength - HeadLength) / Channels;

    /// <summary>Runs of one channel at most.</summary>
    public const int MostRuns = 10;

    private const int RunLength = 3, RunsLength = 32, HeadLength = Channels * RunsLength;

    /// <summary>Octets of a block.</summary>
    /// <param name="frames">How many it has.</param>
    public static int LengthOf(int frames) => HeadLength + (frames * Channels);

    /// <summary>The frames of a block.</summary>
    /// <param name="length">Its octets.</param>
    public static int FramesIn(int length) => Math.Max(0, length - HeadLength) / Channels;

    /// <summary>Begins a block: it has no runs.</summary>
    /// <param name="block">Of <see cref="LengthOf"/>.</param>
    public static void Clear(Span<byte> block) => block[..HeadLength].Clear();

    /// <summary>Writes one run of a channel.</summary>
    /// <param name="block">Of <see cref="LengthOf"/>.</param>
    /// <param name="channel">0 or 1.</param>
    /// <param name="run">Its number, below <see cref="MostRuns"/>.</param>
    /// <param name="start">Its first sample; 0 for the first run.</param>
    /// <param name="law">What its octets are.</param>
    public static void WriteRun(Span<byte> block, int channel, int run, int start, CompandedLaw law)
    {
        Span<byte> place = block.Slice((channel * RunsLength) + (run * RunLength), RunLength);
        BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)start);
        place[2] = (byte)law;
    }

    /// <summary>Where a channel's octets go.</summary>
    /// <param name="block">Of <see cref="LengthOf"/>.</param>
    /// <param name="channel">0 or 1.</param>
    public static Span<byte> Octets(Span<byte> block, int channel)
    {
        int frames = FramesIn(block.Length);
        return block.Slice(HeadLength + (channel * frames), frames);
    }

    /// <summary>A block's samples, 16 bit, little-endian, channels interleaved.</summary>
    /// <param name="block">The whole of it.</param>
    /// <param name="frames">Room for <see cref="StereoFrames.FrameLength"/> octets of each of its frames.</param>
    public static void Decode(ReadOnlySpan<byte> block, Span<byte> frames)
    {
        int count = Math.Min(Frames, FramesIn(block.Length));
        Span<short> samples = stackalloc short[Frames * Channels];
        Span<short> left = samples[..count], right = samples.Slice(Frames, count);
        Decode(block[..RunsLength], block.Slice(HeadLength, count), left);
        Decode(block[RunsLength..HeadLength], block.Slice(HeadLength + count, count), right);
        StereoFrames.Interleave(left, right, frames);
    }

    private static void Decode(ReadOnlySpan<byte> runs, ReadOnlySpan<byte> octets, Span<short> samples)
    {
        samples.Clear();
        for (int run = 0; run < MostRuns && LawOf(runs, run) != CompandedLaw.None; run++)
        {
            int from = StartOf(runs, run), to = run + 1 < MostRuns && LawOf(runs, run + 1) != CompandedLaw.None ? StartOf(runs, run + 1) : octets.Length;
            if (from > to || to > octets.Length)
                return;
            if (LawOf(runs, run) == CompandedLaw.ALaw)
                G711.DecodeALaw(octets[from..to], samples[from..to]);
            else if (LawOf(runs, run) == CompandedLaw.MuLaw)
                G711.DecodeMuLaw(octets[from..to], samples[from..to]);
        }
    }

    private static int StartOf(ReadOnlySpan<byte> runs, int run) => BinaryPrimitives.ReadUInt16LittleEndian(runs[(run * RunLength)..]);

    private static CompandedLaw LawOf(ReadOnlySpan<byte> runs, int run) => (CompandedLaw)runs[(run * RunLength) + 2];
}
