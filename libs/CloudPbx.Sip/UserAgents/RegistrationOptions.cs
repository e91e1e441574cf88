using CloudPbx.Sip.Authentication;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;

namespace CloudPbx.Sip.UserAgents;

/// <summary>What a <see cref="RegistrationClient"/> registers.</summary>
public sealed record RegistrationOptions
{
    /// <summary>Gets the Request-URI: the registrar's domain, without user part (RFC 3261 §10.2; FRITZ!Box drops others, I9).</summary>
    public required SipUri Registrar { get; init; }

    /// <summary>Gets the address of record, From and To.</summary>
    public required NameAddress AddressOfRecord { get; init; }

    /// <summary>Gets our Contact.</summary>
    public required NameAddress Contact { get; init; }

    /// <summary>Gets the flow to register by; asked for at each REGISTER. <see langword="null"/> from it means that there is none now.</summary>
    public required Func<Flow?> Flow { get; init; }

    /// <summary>Gets what answers challenges.</summary>
    public DigestClient? Authentication { get; init; }

    /// <summary>Gets the life asked for, at every REGISTER the same (I35).</summary>
    public TimeSpan Expires { get; init; } = TimeSpan.FromSeconds(3600);

    /// <summary>Gets how long to wait after a failure before the next attempt; doubled up to 16 times that.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets whether the user part of <see cref="Contact"/> is this binding's alone: one that the registrar has of it at another address is a former way's, and is removed.</summary>
    public bool RemovesFormerAddresses { get; init; }

    /// <summary>Gets whether every REGISTER has a Call-ID of its own, for registrars that refuse a repeated one.</summary>
    public bool FreshCallIds { get; init; }

    /// <summary>Gets further header fields.</summary>
    public IReadOnlyList<HeaderField> Headers { get; init; } = [];
}
