namespace CloudPbx.Sdp;

/// <summary>
/// All that one leg brings into a negotiation: its address, codecs and keys. They stay the same while the leg lives, so that a re-INVITE
/// changes nothing that need not change.
/// </summary>
public sealed record LocalMedia
{
    /// <summary>Digits that name the session in <c>o=</c>; the same for the leg's whole life.</summary>
    public required string SessionId { get; init; }

    /// <summary>The address that this peer can reach, IPv4 or IPv6.</summary>
    public required string Address { get; init; }

    /// <summary>The address in the <c>o=</c> line, where a description goes on that was begun elsewhere (RFC 3264 §8); <see langword="null"/>: <see cref="Address"/>.</summary>
    public string? OriginHost { get; init; }

    /// <summary>The RTP port.</summary>
    public required int Port { get; init; }

    /// <summary>The RTCP port, or <see langword="null"/> for the one after <see cref="Port"/>.</summary>
    public int? RtcpPort { get; init; }

    /// <summary>The codecs we have ourselves, the preferred first; without telephone-event.</summary>
    public IReadOnlyList<AudioCodec> Codecs { get; init; } = [];

    /// <summary>Whether codecs that only the two parties know may be passed through.</summary>
    public bool AllowOtherCodecs { get; init; } = true;

    /// <summary>Which of those; <see langword="null"/> for all.</summary>
    public Func<AudioCodec, bool>? IsTaken { get; init; }

    /// <summary>Whether <see cref="Codecs"/> go first in their own order, also where the other party or the peer has another one (RFC 3264 §6.1 lets an answer choose).</summary>
    public bool OwnOrder { get; init; }

    /// <summary>Whether telephone-event (RFC 4733) is offered and taken.</summary>
    public bool TelephoneEvent { get; init; } = true;

    /// <summary>Whether comfort noise (RFC 3389) is offered, so that the peer may be silent in its pauses. It is taken where a phone offers it, whatever this says, and from no browser.</summary>
    public bool ComfortNoise { get; init; }

    /// <summary>The demand on encryption.</summary>
    public SrtpPolicy Srtp { get; init; }

    /// <summary>Our keys for offers, one for each suite, the preferred first. Tags are written as 1, 2 … in offers and as the peer's in answers.</summary>
    public IReadOnlyList<CryptoAttribute> Keys { get; init; } = [];

    /// <summary>Keys for suites that are not offered but taken when the peer offers them.</summary>
    public IReadOnlyList<CryptoAttribute> KeysForAnswers { get; init; } = [];

    /// <summary>What we bring for DTLS-SRTP; <see langword="null"/>: an offer with it is refused, and none is made.</summary>
    public LocalDtls? Dtls { get; init; }

    /// <summary>The packet time we ask for, in milliseconds; <see langword="null"/> writes none.</summary>
    public int? PtimeMilliseconds { get; init; } = 20;

    /// <summary>Whether RTCP may share the RTP port (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary>The widest direction we want; <see cref="MediaDirection.SendOnly"/> puts the peer on hold.</summary>
    public MediaDirection Direction { get; init; } = MediaDirection.SendRecv;

    /// <summary>Whether a codec may be spoken.</summary>
    internal bool Takes(AudioCodec codec) => codec.IsSpeech && (Codecs.Contains(codec) || (AllowOtherCodecs && IsTaken?.Invoke(codec) != false));
}
