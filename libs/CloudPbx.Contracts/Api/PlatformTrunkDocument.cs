using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A trunk of the platform or of a reseller, shared by the tenants that get numbers of it. The carrier trusts our address: of kind <c>ip</c>, without accounts.</summary>
public sealed record PlatformTrunkDocument
{
    /// <summary>1 to 64 characters, unique among its owner's shared trunks.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it may be used; <see langword="true"/> if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The carrier's domain or server.</summary>
    public required TrunkServerDocument Server { get; init; }

    /// <summary>Where requests go instead of the server.</summary>
    public TrunkServerDocument? OutboundProxy { get; init; }

    /// <summary>Addresses, networks and client certificates (<c>tls:sbc.carrier.example</c>) from which its calls come; the called number decides whose a call is.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Calls at one time of all tenants together, 1 to 10000; no limit if absent.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>Name of a shipped profile (<c>/v1/profiles</c>); <c>generic</c> if absent.</summary>
    public string? Profile { get; init; }

    /// <summary>What this trunk does otherwise than its profile.</summary>
    public TrunkProfileChanges? Changes { get; init; }
}
