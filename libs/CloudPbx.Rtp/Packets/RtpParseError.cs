namespace CloudPbx.Rtp.Packets;

/// <summary>Why a datagram is no RTP packet (RFC 3550 §5.1 and A.1).</summary>
public enum RtpParseError
{
    /// <summary>It is one.</summary>
    None,

    /// <summary>Shorter than its fixed header.</summary>
    TooShort,

    /// <summary>The version is not 2.</summary>
    Version,

    /// <summary>The list of contributing sources goes beyond the end.</summary>
    ContributingSources,

    /// <summary>The header extension goes beyond the end.</summary>
    Extension,

    /// <summary>The padding is empty or longer than what follows the header.</summary>
    Padding,
}
