namespace CloudPbx.Sdp;

/// <summary>Why a session description was refused as a whole. Single bad lines are not fatal: they are counted as junk.</summary>
public enum SdpParseError
{
    /// <summary>The description was read.</summary>
    None,

    /// <summary>There is no line at all.</summary>
    Empty,

    /// <summary>More octets, lines or media descriptions than <see cref="SessionDescription"/> allows.</summary>
    TooLarge,

    /// <summary>The first usable line is not <c>v=0</c> (RFC 8866 §5.1).</summary>
    Version,

    /// <summary>An <c>m=</c> line cannot be read (RFC 8866 §5.14), so an answer could not be lined up with it.</summary>
    MediaLine,
}
