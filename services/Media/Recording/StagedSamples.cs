using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Recording;

/// <summary>What one channel has given out and no block has taken yet. Not thread-safe.</summary>
internal abstract class StagedSamples
{
    protected const int StagedMilliseconds = 750, MostStagedMilliseconds = 1500;    // a block, a step and a packet; and the window, where the other party is silent

    /// <summary>Samples given out so far.</summary>
    public long Cursor { get; protected set; }

    /// <summary>Of these, taken by blocks.</summary>
    public long Taken { get; protected set; }

    /// <summary>Takes samples.</summary>
    /// <param name="samples">Of the recording's rate.</param>
    public abstract void Add(ReadOnlySpan<short> samples);

    /// <summary>Takes samples that came by the network.</summary>
    /// <param name="samples">What a codec made of the packet's end, at the recording's rate.</param>
    /// <param name="format">The packet's.</param>
    /// <param name="payload">Its payload.</param>
    public abstract void Add(ReadOnlySpan<short> samples, AudioFormat format, ReadOnlySpan<byte> payload);

    /// <summary>Takes samples of zero.</summary>
    /// <param name="count">How many.</param>
    public abstract void AddSilence(long count);
}

/// <summary>Room for one channel's samples, in the form that they have on disk.</summary>
/// <typeparam name="T">Of a sample.</typeparam>
/// <param name="rate">Samples per second.</param>
internal abstract class StagedSamples<T>(int rate) : StagedSamples
    where T : unmanaged
{
    private T[] _room = new T[rate * StagedMilliseconds / 1000];

    /// <summary>The samples that are next to be taken.</summary>
    /// <param name="frames">How many; not beyond <see cref="StagedSamples.Cursor"/>.</param>
    public ReadOnlySpan<T> Next(int frames) => _room.AsSpan(0, frames);

    /// <summary>These were taken.</summary>
    public void Take(int frames)
    {
        int rest = (int)Math.Min(_room.Length, Cursor - Taken) - frames;
        if (rest > 0)
            _room.AsSpan(frames, rest).CopyTo(_room);
        Taken += frames;
    }

    /// <summary>Room for the next samples, which are given out with that; the room grows once.</summary>
    /// <returns>Shorter than asked for where blocks are far behind: they will not ask for the rest.</returns>
    protected Span<T> Place(long samples)
    {
        int most = rate * MostStagedMilliseconds / 1000;
        if (Cursor - Taken + samples > _room.Length && _room.Length < most)
            Array.Resize(ref _room, most);
        int at = (int)Math.Min(_room.Length, Cursor - Taken);
        Cursor += samples;
        return _room.AsSpan(at, (int)Math.Min(samples, _room.Length - at));
    }
}
