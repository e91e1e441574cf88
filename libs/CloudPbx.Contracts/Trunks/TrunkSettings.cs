using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Trunks;

/// <summary>A trunk as a tenant's runtime gets it in its configuration. Immutable; secrets stay sealed.</summary>
public sealed record TrunkSettings
{
    /// <summary>Seconds that a registration is asked to last where nobody says otherwise.</summary>
    public const int DefaultRegistrationSeconds = 3600;

    /// <summary>Its identifier.</summary>
    public required TrunkId Id { get; init; }

    /// <summary>Its name, unique in the tenant.</summary>
    public required string Name { get; init; }

    /// <summary>Who set it up.</summary>
    public TrunkOwner Owner { get; init; }

    /// <summary>The shared trunk whose copy it is: <see cref="MaxChannels"/> counts for all its copies together. <see langword="null"/>: the tenant's own.</summary>
    public TrunkId? Shared { get; init; }

    /// <summary>Whether it is a tenant's copy of a shared trunk: its lines, if any, are registered by the shared trunk's own keeper, whose settings name themselves as the shared trunk.</summary>
    public bool IsCopy => Shared is { } shared && shared != Id;

    /// <summary>The trunk that its lines are named after: the same one for all copies of a shared trunk.</summary>
    public TrunkId LinesOf => Shared ?? Id;

    /// <summary>Whether it may be used; a disabled one neither registers nor takes calls.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How the carrier knows us.</summary>
    public required TrunkKind Kind { get; init; }

    /// <summary>The carrier's domain or server: the host of Request-URI and To, and where requests go unless there is an outbound proxy.</summary>
    public required TrunkServer Server { get; init; }

    /// <summary>Where requests go instead (RFC 3261 §8.1.2), or <see langword="null"/>.</summary>
    public TrunkServer? OutboundProxy { get; init; }

    /// <summary>A registered trunk's lines, at least one; an IP trunk's credentials, at most one.</summary>
    public IReadOnlyList<TrunkAccount> Accounts { get; init; } = [];

    /// <summary>Seconds that a registration is asked to last; always asked for again in full (I35).</summary>
    public int RegistrationSeconds { get; init; } = DefaultRegistrationSeconds;

    /// <summary>Addresses and networks (CIDR) from which calls come, of a registered trunk beside the servers at which it registers; canonical, with prefix length. Or client certificates, see <see cref="CertificateSource"/>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Calls at one time at most, <see langword="null"/>: no limit.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>The extension that gets calls to numbers that the tenant does not list; <see langword="null"/>: they get 404.</summary>
    public string? DefaultExtension { get; init; }

    /// <summary>Which of its calls are recorded without being asked for.</summary>
    public RecordingPolicy Recording { get; init; }

    /// <summary>How the parties of its calls learn that they are recorded; <see langword="null"/>: as the tenant says. An extension's own word goes first.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>How the carrier wants to be spoken to: the shipped profile with the trunk's own changes.</summary>
    public required TrunkProfile Profile { get; init; }
}
