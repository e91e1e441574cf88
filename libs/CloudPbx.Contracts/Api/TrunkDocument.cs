using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A trunk: to create, to change, and in a tenant's document.</summary>
public sealed record TrunkDocument
{
    /// <summary>1 to 64 characters, unique in the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Whether it may be used; <see langword="true"/> if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>How the carrier knows us: we register, or it trusts our address. <c>registered</c> if absent.</summary>
    public TrunkKind? Kind { get; init; }

    /// <summary>The carrier's domain or server.</summary>
    public required TrunkServerDocument Server { get; init; }

    /// <summary>Where requests go instead of the server.</summary>
    public TrunkServerDocument? OutboundProxy { get; init; }

    /// <summary>A registered trunk's lines, at least one; an IP trunk's credentials, at most one.</summary>
    public IReadOnlyList<TrunkAccountDocument> Accounts { get; init; } = [];

    /// <summary>60 to 86400, 3600 if absent.</summary>
    public int? RegistrationSeconds { get; init; }

    /// <summary>Addresses and networks from which calls come (of a registered trunk: beside the servers at which it registers): <c>192.0.2.1</c>, <c>192.0.2.0/24</c>, <c>2001:db8::/32</c>; or client certificates by which the carrier proves itself when it connects by TLS: by name, <c>tls:sbc.carrier.example</c>, or by <c>sha256:</c> and the fingerprint.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Calls at one time, 1 to 10000; no limit if absent.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>The extension that takes calls to numbers that the tenant does not list.</summary>
    public string? DefaultExtension { get; init; }

    /// <summary>Which of its calls are recorded without being asked for; <c>off</c> if absent.</summary>
    public RecordingPolicy? Recording { get; init; }

    /// <summary>How the parties of its calls learn that they are recorded; as the tenant says if absent. An extension's own word goes first.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>Name of a shipped profile (<c>/v1/profiles</c>) or of one of the tenant's own; <c>generic</c> if absent.</summary>
    public string? Profile { get; init; }

    /// <summary>What this trunk does otherwise than its profile.</summary>
    public TrunkProfileChanges? Changes { get; init; }
}
