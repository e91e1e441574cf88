using System.Net;

namespace CloudPbx.MediaControl;

/// <summary>What a leg may agree to with its peer.</summary>
public sealed record LegPolicy
{
    /// <summary>Encoding names in order of preference, as in <c>a=rtpmap</c>, without the clock rate; case does not matter.</summary>
    public IReadOnlyList<string> Codecs { get; init; } = ["PCMA", "PCMU", "G722", "opus"];

    /// <summary>Whether no other codec may be spoken, and the order is ours: else what both parties speak passes through, and their own order goes first.</summary>
    public bool OnlyTheseCodecs { get; init; }

    /// <summary>Whether no codec may be spoken that the node can only pass on: what the peer says is recorded or mixed, or it hears the node itself.</summary>
    public bool DecodableOnly { get; init; }

    /// <summary>Whether RTP is encrypted.</summary>
    public SrtpPolicy Srtp { get; init; } = SrtpPolicy.Optional;

    /// <summary>
    /// With <see cref="SrtpPolicy.Optional"/>: offers RTP/SAVP with keys (true) or RTP/AVP without (false), since some phones refuse
    /// a mixture. <see cref="SrtpPolicy.Required"/> always offers RTP/SAVP, <see cref="SrtpPolicy.Off"/> never.
    /// </summary>
    public bool OfferSecureProfile { get; init; }

    /// <summary>Whether nothing but audio is offered and taken: for a peer that has refused an offer with more.</summary>
    public bool AudioOnly { get; init; }

    /// <summary>The peer is a browser: it is offered DTLS-SRTP with ICE (RFC 8827). An offer with these is answered so in any case.</summary>
    public bool WebRtc { get; init; }

    /// <summary>Milliseconds of audio in each packet that is sent to the peer, where it takes one length only; null: as the other party's packets come.</summary>
    public int? PtimeMilliseconds { get; init; }

    /// <summary>Whether RFC 4733 telephone-event is offered and accepted. A peer that takes none then is listened to for keys as <see cref="InbandDigits"/> has it, unless it tells of them by its signalling.</summary>
    public bool TelephoneEvent { get; init; } = true;

    /// <summary>The peer presses keys as tones in its speech: they are listened for, and reported.</summary>
    public bool InbandDigits { get; init; }

    /// <summary>The peer is told of keys by its signalling (SIP INFO): it hears no tones of them, too.</summary>
    public bool SignalledDigits { get; init; }

    /// <summary>The leg is one of a call to an emergency number: it gets a port where other legs get none any more, of those that the node keeps back.</summary>
    public bool ForHelp { get; init; }

    /// <summary>Whose progress tones the peer hears, as two letters (ISO 3166-1); <c>EU</c>, and where that country is not known: the European recommendation.</summary>
    public string ToneCountry { get; init; } = "EU";

    /// <summary>
    /// Where the peer's signalling came from or goes to. It chooses our address in the SDP (public or local) and is the preferred
    /// source of the peer's RTP behind a NAT. Null when unknown.
    /// </summary>
    public IPAddress? PeerSignallingAddress { get; init; }

    /// <summary>Whether the source of RTP is learned.</summary>
    public NatMode Nat { get; init; } = NatMode.Auto;
}
