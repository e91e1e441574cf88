using CloudPbx.Contracts.Api;

namespace CloudPbx.Contracts.Trunks;

/// <summary>
/// How a carrier wants to be spoken to. Data, not code: what a carrier's oddity needs is a member here. A trunk has a profile, shipped
/// (<see cref="TrunkProfiles"/>) or its tenant's own (<see cref="OwnProfile"/>), and changes of its own (<see cref="TrunkProfileChanges"/>); this is what comes of all.
/// </summary>
/// <remarks>
/// Members called templates are texts with <c>{caller}</c> (the number shown outside), <c>{account}</c> (the account's user), <c>{extension}</c> (the
/// calling extension), <c>{server}</c> (the carrier's host) and <c>{domain}</c> (the tenant's own domain) in them. An empty one means: not sent.
/// </remarks>
public sealed record TrunkProfile
{
    /// <summary>Its name; of a trunk with changes of its own still the profile's.</summary>
    public required string Name { get; init; }

    // Requests

    /// <summary>Reliable provisional responses.</summary>
    public Rel100Policy Rel100 { get; init; } = Rel100Policy.Auto;

    /// <summary>Parameters added to the Request-URI of INVITE and REGISTER, as they are written: <c>user=phone</c>. Empty: none. In a <c>tel</c> URI <c>user</c> is left out, which is sip's, and <c>phone-context</c> is for numbers without a plus: the carrier's host where none is given.</summary>
    public string RequestUriParameters { get; init; } = "";

    /// <summary>Whether the same parameters are added to the URIs of From and To.</summary>
    public bool ParametersInFromAndTo { get; init; }

    /// <summary>How numbers are written in Request-URI and To.</summary>
    public TrunkUriScheme UriScheme { get; init; } = TrunkUriScheme.Sip;

    /// <summary>Template: the user of From.</summary>
    public string FromUser { get; init; } = "{caller}";

    /// <summary>Template: the domain of From.</summary>
    public string FromDomain { get; init; } = "{server}";

    /// <summary>The host of Contact and Via, where the carrier compares it with our certificate; <see langword="null"/>: the edge's public address.</summary>
    public string? ContactHost { get; init; }

    /// <summary>Template: the user of P-Asserted-Identity (RFC 3325 §9.1).</summary>
    public string AssertedIdentity { get; init; } = "";

    /// <summary>Template: the user of P-Preferred-Identity (RFC 3325 §9.2).</summary>
    public string PreferredIdentity { get; init; } = "";

    /// <summary>Template: the user of Remote-Party-ID.</summary>
    public string RemotePartyId { get; init; } = "";

    /// <summary>Whether a forwarded call carries Diversion (RFC 5806).</summary>
    public bool Diversion { get; init; } = true;

    /// <summary>Whether a forwarded call carries History-Info (RFC 7044).</summary>
    public bool HistoryInfo { get; init; }

    /// <summary>
    /// Whether a call from outside that is sent on to a number outside shows its caller, with the Identity header fields that vouch for it (RFC 8224), instead of a number of the tenant's. For
    /// carriers that let such a number pass where Diversion or History-Info says why, and sign that themselves (RFC 8946).
    /// </summary>
    public bool PassCaller { get; init; }

    /// <summary>Whether a caller that hides its number is sent as <c>Privacy: id</c> with its number in the identity headers (RFC 3323); otherwise it is anonymous to the carrier too.</summary>
    public bool Privacy { get; init; } = true;

    /// <summary>Whether each REGISTER has a Call-ID of its own: some registrars refuse a second one with the same.</summary>
    public bool FreshCallIdPerRegister { get; init; }

    /// <summary>Whether the carrier may transfer its calls here (REFER, and INVITE with Replaces): to the tenant's numbers, never to the outside. For PBXs that we trust, not for carriers.</summary>
    public bool AcceptTransfers { get; init; }

    /// <summary>Session timers.</summary>
    public SessionTimerPolicy SessionTimer { get; init; } = SessionTimerPolicy.Supported;

    /// <summary>The session interval that we offer, in seconds; at least 90 (RFC 4028 §4).</summary>
    public int SessionExpiresSeconds { get; init; } = 1800;

    /// <summary>Whether the carrier is asked by OPTIONS whether it is there. Some carriers answer none.</summary>
    public bool OptionsKeepAlive { get; init; } = true;

    /// <summary>Seconds between two OPTIONS.</summary>
    public int OptionsIntervalSeconds { get; init; } = 60;

    /// <summary>Where the called number of a call from outside is.</summary>
    public CalledNumberSource CalledNumberFrom { get; init; } = CalledNumberSource.RequestUri;

    /// <summary>How numbers are rewritten.</summary>
    public NumberFormats Numbers { get; init; } = new();

    // Media

    /// <summary>How digits are sent.</summary>
    public TrunkDtmf Dtmf { get; init; } = TrunkDtmf.Rfc4733;

    /// <summary>The codecs that are offered, the most wanted first: names as in SDP (<c>PCMA</c>). Few, so that an INVITE stays below 1300 octets on UDP.</summary>
    public IReadOnlyList<string> Codecs { get; init; } = ["PCMA", "PCMU", "G722"];

    /// <summary>Milliseconds of audio in a packet, where the carrier takes one length only; <see langword="null"/>: whatever the other side has.</summary>
    public int? PacketMilliseconds { get; init; }

    /// <summary>What a caller hears before the answer.</summary>
    public EarlyMediaPolicy EarlyMedia { get; init; } = EarlyMediaPolicy.Relay;

    /// <summary>Whether an INVITE leaves without an offer, so that the carrier makes it: in its 200, or in a reliable provisional response (RFC 3261 §13.2.1, RFC 3262 §5).</summary>
    public bool OfferlessInvite { get; init; }

    /// <summary>Whether media is encrypted.</summary>
    public SrtpPolicy Srtp { get; init; } = SrtpPolicy.Off;

    // TLS

    /// <summary>Whether the server's certificate must be good and name the host that was asked for.</summary>
    public bool VerifyServerName { get; init; } = true;

    /// <summary>The name that the certificate must bear, where it is not the host's.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>The name in the edge's certificate that we show to the carrier; <see langword="null"/>: none is shown. Where no certificate bears it the trunk's status says so, and the carrier is not reached.</summary>
    public string? ClientCertificate { get; init; }
}
