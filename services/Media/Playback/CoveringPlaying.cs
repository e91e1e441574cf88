namespace CloudPbx.Media.Playback;

/// <summary>Nothing, for ever: a peer whose codec can only be passed on cannot be played music or silence, but the other party is not heard meanwhile all the same.</summary>
internal sealed class CoveringPlaying : Playing
{
    public override bool IsEndless => true;

    public override int FrameMicroseconds => 20_000;

    public override bool TryNext(Span<byte> payload, out PlaybackFrame frame)
    {
        frame = default;
        return true;
    }

    public override bool IsSame(Playing? other) => other is CoveringPlaying;
}
