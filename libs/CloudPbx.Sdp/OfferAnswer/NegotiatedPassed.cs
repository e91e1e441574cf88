namespace CloudPbx.Sdp;

/// <summary>What offer and answer agreed on for a stream that is passed on, from our point of view.</summary>
public sealed record NegotiatedPassed
{
    /// <summary>How we speak of it towards the peer.</summary>
    public required PassedWords Ours { get; init; }

    /// <summary>How the peer speaks of it: what the other party may send.</summary>
    public required PassedWords Theirs { get; init; }

    /// <summary>What it carries.</summary>
    public PassedKind Kind => Theirs.Kind;

    /// <summary>Where the peer wants it.</summary>
    public required SdpConnection RemoteConnection { get; init; }

    /// <summary>The peer's port.</summary>
    public required int RemotePort { get; init; }

    /// <summary>Where the peer wants RTCP.</summary>
    public required SdpConnection RemoteRtcpConnection { get; init; }

    /// <summary>The peer's RTCP port; 0 if unknown.</summary>
    public required int RemoteRtcpPort { get; init; }

    /// <summary>True if RTCP shares the port in both directions (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>True if it shares the audio's transport (RFC 9143).</summary>
    public bool IsBundled { get; init; }

    /// <summary>What we may do.</summary>
    public required MediaDirection Direction { get; init; }

    /// <summary>Our key, for what we send; <see langword="null"/> in clear.</summary>
    public CryptoAttribute? LocalKey { get; init; }

    /// <summary>The peer's key, for what we receive; <see langword="null"/> in clear.</summary>
    public CryptoAttribute? RemoteKey { get; init; }
}
