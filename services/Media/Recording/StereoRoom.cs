using CloudPbx.Audio.Wave;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Media.Recording;

/// <summary>The two channels of a recording on their way into blocks.</summary>
/// <param name="form">Of the blocks.</param>
internal abstract class StereoRoom(SealedAudio form)
{
    /// <summary>Of the blocks.</summary>
    public SealedAudio Form { get; } = form;

    /// <summary>The caller's channel.</summary>
    public abstract StagedSamples Left { get; }

    /// <summary>The callee's.</summary>
    public abstract StagedSamples Right { get; }

    /// <summary>Room for a recording that begins. Two telephones that speak G.711 are recorded as that, half as long as in 16 bits, and not one sample of theirs is another.</summary>
    /// <param name="rate">Samples per second: 8,000 where nobody may send anything but G.711.</param>
    /// <param name="recording">Which.</param>
    public static StereoRoom For(int rate, RecordingId recording) => rate == 8000 ? new CompandedRoom(recording) : new LinearRoom(rate, recording);

    /// <summary>Gives the next frames as a block in clear, and drops them.</summary>
    /// <param name="frames">How many, which both channels have.</param>
    /// <param name="block">Takes them: <see cref="SealedAudio.LengthOf"/> octets.</param>
    public abstract void Take(int frames, Span<byte> block);

    private sealed class LinearRoom(int rate, RecordingId recording) : StereoRoom(SealedAudio.Stereo(rate, recording))
    {
        private readonly LinearSamples _left = new(rate), _right = new(rate);

        public override StagedSamples Left => _left;

        public override StagedSamples Right => _right;

        public override void Take(int frames, Span<byte> block)
        {
            StereoFrames.Interleave(_left.Next(frames), _right.Next(frames), block);
            _left.Take(frames);
            _right.Take(frames);
        }
    }

    private sealed class CompandedRoom(RecordingId recording) : StereoRoom(SealedAudio.Companded(recording))
    {
        private readonly CompandedSamples _left = new(), _right = new();

        public override StagedSamples Left => _left;

        public override StagedSamples Right => _right;

        public override void Take(int frames, Span<byte> block)
        {
            CompandedBlock.Clear(block);
            _left.TakeInto(frames, block, 0);
            _right.TakeInto(frames, block, 1);
        }
    }
}
