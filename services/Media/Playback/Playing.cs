using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Playback;

/// <summary>Something that is being played to one peer: where it stands, and what ends it.</summary>
/// <remarks>Made by the control side, then the stream's alone, on its loop. Giving out a frame allocates nothing.</remarks>
internal abstract class Playing
{
    /// <summary>What <see cref="OutgoingSequence"/> knows it by.</summary>
    public long Number { get; } = TalkNumbers.Next();

    /// <summary>What its end is reported as; empty: not reported.</summary>
    public string Name { get; init; } = "";

    /// <summary>Digits of the peer that end it, and everything queued after it.</summary>
    public string Until { get; init; } = "";

    /// <summary>The first packet of the other party ends it: a ringing tone.</summary>
    public bool YieldsToPartner { get; init; }

    /// <summary>It begins again at its end, until something else is asked for.</summary>
    public virtual bool IsEndless => false;

    /// <summary>Follows this one when it is at its end.</summary>
    public Playing? Next { get; set; }

    /// <summary>The time between two frames.</summary>
    public abstract int FrameMicroseconds { get; }

    /// <summary>Makes the next frame.</summary>
    /// <param name="payload">Room for 1275 octets.</param>
    /// <param name="frame">What to send.</param>
    /// <returns>False at the end.</returns>
    public abstract bool TryNext(Span<byte> payload, out PlaybackFrame frame);

    /// <summary>Whether another one is the same sounds in the same codec, so that what plays may go on.</summary>
    public virtual bool IsSame(Playing? other) => false;

    /// <summary>Goes on where the same sounds in another codec stood.</summary>
    public virtual void ContinueFrom(Playing other)
    {
    }
}
