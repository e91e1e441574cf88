using System.Net;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Sdp;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Softphone;

/// <summary>One account of a <see cref="Phone"/> and how it behaves.</summary>
public sealed record PhoneOptions
{
    /// <summary>Gets the server's address and port.</summary>
    public required IPEndPoint Server { get; init; }

    /// <summary>Gets the transport to it.</summary>
    public SipTransport Transport { get; init; } = SipTransport.Tls;

    /// <summary>Gets the SIP domain: registrar and address of record.</summary>
    public required string Domain { get; init; }

    /// <summary>Gets the user part of the address of record.</summary>
    public required string User { get; init; }

    /// <summary>Gets the user name for digest authentication; <see langword="null"/> for <see cref="User"/>.</summary>
    public string? AuthUser { get; init; }

    /// <summary>Gets the password.</summary>
    public required string Password { get; init; }

    /// <summary>Gets the display name in From, or <see langword="null"/>.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Gets the name that the server's certificate must have; <see langword="null"/> for <see cref="Domain"/>.</summary>
    public string? TlsName { get; init; }

    /// <summary>Gets the authorities that are trusted instead of the system's; <see langword="null"/> for the system's.</summary>
    public X509Certificate2Collection? TrustedAuthorities { get; init; }

    /// <summary>Gets the local address of signalling and media; <see langword="null"/> for the one that the system takes to reach the server.</summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>Gets the life asked for at registration.</summary>
    public TimeSpan Expires { get; init; } = TimeSpan.FromSeconds(3600);

    /// <summary>Gets the codecs, the preferred first; only those of <c>CloudPbx.Audio</c> can be heard.</summary>
    public IReadOnlyList<AudioCodec> Codecs { get; init; } = [AudioCodec.Pcma, AudioCodec.Pcmu];

    /// <summary>Gets whether telephone-event (RFC 4733) is offered and taken.</summary>
    public bool TelephoneEvent { get; init; } = true;

    /// <summary>Gets the packet time of what it sends, in milliseconds; also what its SDP asks for.</summary>
    public int PtimeMilliseconds { get; init; } = 20;

    /// <summary>Gets the demand on encryption.</summary>
    public SrtpPolicy Srtp { get; init; } = SrtpPolicy.Off;

    /// <summary>Gets the suites that are offered and taken, the preferred first (<see cref="CryptoAttribute.OfferedSuites"/>).</summary>
    public IReadOnlyList<string> SrtpSuites { get; init; } = CryptoAttribute.OfferedSuites;

    /// <summary>Gets how an offer speaks of encryption while it is optional.</summary>
    public SrtpOfferForm OptionalForm { get; init; } = SrtpOfferForm.Savp;

    /// <summary>Gets whether 180 Ringing is sent by itself when a call comes. Gnome Calls never sends it.</summary>
    public bool SendsRinging { get; init; } = true;

    /// <summary>Gets the address written in SDP instead of the true one: a phone that does not know that it is behind a NAT; <see langword="null"/> for the true one.</summary>
    public string? SdpAddress { get; init; }

    /// <summary>Gets the value of User-Agent.</summary>
    public string Product { get; init; } = "CloudPbx softphone";

    /// <summary>Gets the parameters of Contact, for example <c>+sip.instance</c>.</summary>
    public SipParameters ContactParameters { get; init; } = SipParameters.Empty;
}
