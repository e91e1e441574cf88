using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A trunk; its passwords are never listed.</summary>
public sealed record TrunkDto
{
    /// <summary>Its identifier.</summary>
    public required TrunkId Id { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Who set it up.</summary>
    public required TrunkOwner Owner { get; init; }

    /// <summary>Whether it may be used.</summary>
    public required bool Enabled { get; init; }

    /// <summary>How the carrier knows us.</summary>
    public required TrunkKind Kind { get; init; }

    /// <summary>The carrier's domain or server.</summary>
    public required TrunkServer Server { get; init; }

    /// <summary>Where requests go instead, or <see langword="null"/>.</summary>
    public TrunkServer? OutboundProxy { get; init; }

    /// <summary>Its accounts, without passwords.</summary>
    public required IReadOnlyList<TrunkAccountDocument> Accounts { get; init; }

    /// <summary>Seconds that a registration is asked to last.</summary>
    public required int RegistrationSeconds { get; init; }

    /// <summary>Networks from which calls come.</summary>
    public required IReadOnlyList<string> Sources { get; init; }

    /// <summary>Calls at one time, or <see langword="null"/>: no limit.</summary>
    public int? MaxChannels { get; init; }

    /// <summary>The extension that takes calls to numbers that the tenant does not list, or <see langword="null"/>.</summary>
    public string? DefaultExtension { get; init; }

    /// <summary>Which of its calls are recorded without being asked for.</summary>
    public required RecordingPolicy Recording { get; init; }

    /// <summary>How the parties of its calls learn that they are recorded, or <see langword="null"/>: as the tenant says. An extension's own word goes first.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>The profile as it acts: the one that the trunk names, with the trunk's changes.</summary>
    public required TrunkProfile Profile { get; init; }

    /// <summary>The trunk's own changes of the profile.</summary>
    public required TrunkProfileChanges Changes { get; init; }
}
