namespace CloudPbx.Media.Playback;

/// <summary>Sounds one after the other, once or for ever.</summary>
/// <param name="sounds">At least one, all of one codec and packet time.</param>
/// <param name="payloadType">The peer's number of that codec.</param>
/// <param name="clockRate">The codec's.</param>
/// <param name="loop">Begins again at the end.</param>
internal sealed class SoundPlaying(EncodedSound[] sounds, byte payloadType, int clockRate, bool loop) : Playing
{
    private int _sound, _frame;

    public override bool IsEndless => loop;

    public override int FrameMicroseconds => sounds[0].FrameMilliseconds * 1000;

    public override bool TryNext(Span<byte> payload, out PlaybackFrame frame)
    {
        frame = default;
        if (_sound == sounds.Length)
        {
            if (!loop)
                return false;
            _sound = 0;
        }
        EncodedSound sound = sounds[_sound];
        if (_frame >= sound.Ready)
            return true;                                    // it is being encoded still
        ReadOnlySpan<byte> octets = sound[_frame];
        octets.CopyTo(payload);
        frame = new PlaybackFrame(octets.Length, payloadType, sound.TicksPerFrame, clockRate, false);
        if (++_frame == sound.Count)
            (_sound, _frame) = (_sound + 1, 0);
        return true;
    }

    public override bool IsSame(Playing? other) => other is SoundPlaying same && same.Sounds.SequenceEqual(sounds);

    public override void ContinueFrom(Playing other)
    {
        if (other is not SoundPlaying before || before._sound >= sounds.Length)
            return;
        _sound = before._sound;
        _frame = Math.Min(before._frame * before.FrameMicroseconds / FrameMicroseconds, sounds[_sound].Count - 1);
    }

    private EncodedSound[] Sounds => sounds;
}
