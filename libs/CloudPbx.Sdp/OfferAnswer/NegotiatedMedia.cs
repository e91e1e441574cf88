namespace CloudPbx.Sdp;

/// <summary>What offer and answer agreed on for the one audio stream, from our point of view.</summary>
public sealed record NegotiatedMedia
{
    /// <summary>The place of the audio section among all sections.</summary>
    public required int MediaIndex { get; init; }

    /// <summary>What we send: the codec under the peer's payload type, with the peer's parameters.</summary>
    public required PayloadFormat Send { get; init; }

    /// <summary>The telephone-event format we send, under the peer's payload type, or <see langword="null"/>.</summary>
    public PayloadFormat? SendTelephoneEvent { get; init; }

    /// <summary>The comfort noise (RFC 3389) that we may send, under the peer's payload type; <see langword="null"/> where the peer wants a packet for every moment.</summary>
    public PayloadFormat? SendComfortNoise { get; init; }

    /// <summary>
    /// Every format that may arrive: ours first, then the same codecs under the peer's numbers where those are free, because some peers
    /// send with their own (INTEROP I52, I55). Contains telephone-event.
    /// </summary>
    public required IReadOnlyList<PayloadFormat> Receive { get; init; }

    /// <summary>The peer's speech formats, its preferred first: what the other leg's negotiation takes as <c>like</c>.</summary>
    public required IReadOnlyList<PayloadFormat> RemoteFormats { get; init; }

    /// <summary>Where the peer wants RTP.</summary>
    public required SdpConnection RemoteConnection { get; init; }

    /// <summary>The peer's RTP port.</summary>
    public required int RemotePort { get; init; }

    /// <summary>Where the peer wants RTCP.</summary>
    public required SdpConnection RemoteRtcpConnection { get; init; }

    /// <summary>The peer's RTCP port; 0 if unknown.</summary>
    public required int RemoteRtcpPort { get; init; }

    /// <summary>True if RTCP shares the RTP port in both directions.</summary>
    public bool RtcpMux { get; init; }

    /// <summary>What we may do: send, receive, both, nothing.</summary>
    public required MediaDirection Direction { get; init; }

    /// <summary>True if the peer does not want to receive: it put us on hold.</summary>
    public bool RemoteHeld { get; init; }

    /// <summary>The packet time that the peer asks for, in milliseconds, 5 to 200; 20 if it does not say.</summary>
    public int PtimeMilliseconds { get; init; } = 20;

    /// <summary>Whether the peer has said which packet time it asks for (RFC 8866 §6.4).</summary>
    public bool StatesPtime { get; init; }

    /// <summary>The peer's limit on the packet time in milliseconds, or <see langword="null"/>.</summary>
    public int? MaxPtimeMilliseconds { get; init; }

    /// <summary>Our key and suite, for what we send; <see langword="null"/> in clear.</summary>
    public CryptoAttribute? LocalKey { get; init; }

    /// <summary>The peer's key and suite, for what we receive; <see langword="null"/> in clear.</summary>
    public CryptoAttribute? RemoteKey { get; init; }

    /// <summary>What the peer brings for DTLS-SRTP, where the keys are agreed on in the media path; else <see langword="null"/>.</summary>
    public RemoteDtls? Dtls { get; init; }

    /// <summary>True if both directions are encrypted.</summary>
    public bool Encrypted => Dtls is not null || (LocalKey is not null && RemoteKey is not null);

    /// <summary>The codec chosen.</summary>
    public AudioCodec Codec => Send.Codec;
}
