using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A trunk of the platform or of a reseller, shared by the tenants that get numbers of it. Where it is registered, each account is registered once in the whole installation, and calls to it are the tenant's that has the called number.</summary>
public sealed record PlatformTrunkDocument
{
    /// <summary>1 to 64 characters, unique among its owner's shared trunks.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it may be used; <see langword="true"/> if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>How the carrier knows us: it trusts our address, or we register. <c>ip</c> if absent.</summary>
    public TrunkKind? Kind { get; init; }

    /// <summary>The carrier's domain or server.</summary>
    public required TrunkServerDocument Server { get; init; }

    /// <summary>Where requests go instead of the server.</summary>
    public TrunkServerDocument? OutboundProxy { get; init; }

    /// <summary>A registered trunk's lines, at least one; an IP trunk's credentials, at most one.</summary>
    public IReadOnlyList<TrunkAccountDocument> Accounts { get; init; } = [];

    /// <summary>60 to 86400, 3600 if absent.</summary>
    public int? RegistrationSeconds { get; init; }

    /// <summary>Addresses, networks and client certificates (<c>tls:sbc.carrier.example</c>) from which its calls come (of a registered trunk: beside the servers at which it registers); the called number decides whose a call is.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Calls at one time of all tenants together, 1 to 10000; no limit if absent.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>Name of a shipped profile (<c>/v1/profiles</c>); <c>generic</c> if absent.</summary>
    public string? Profile { get; init; }

    /// <summary>What this trunk does otherwise than its profile.</summary>
    public TrunkProfileChanges? Changes { get; init; }
}
