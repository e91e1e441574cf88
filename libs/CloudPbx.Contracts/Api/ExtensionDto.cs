using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>An extension.</summary>
public sealed record ExtensionDto
{
    /// <summary>Its identifier.</summary>
    public required ExtensionId Id { get; init; }

    /// <summary>Its number.</summary>
    public required string Number { get; init; }

    /// <summary>The name that is shown to those it calls.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Seconds that it rings, or <see langword="null"/>: as its tenant says.</summary>
    public int? RingSeconds { get; init; }

    /// <summary>Which of its calls are recorded without being asked for.</summary>
    public required RecordingPolicy Recording { get; init; }

    /// <summary>Where it sends its calls on.</summary>
    public required CallForwards Forwards { get; init; }

    /// <summary>The codecs that its phones may speak, the most wanted first (<c>PCMA</c>, <c>opus</c>), or <see langword="null"/>: all of ours.</summary>
    public IReadOnlyList<string>? Codecs { get; init; }

    /// <summary>Whether the media of all its phones is encrypted, whatever their devices say, or <see langword="null"/>: as each device says.</summary>
    public SrtpPolicy? Encryption { get; init; }

    /// <summary>How the parties of its calls learn that they are recorded, or <see langword="null"/>: as the trunk or the tenant says.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>What its calls outside may cost at most, where that is not as the tenant says.</summary>
    public required ExtensionLimits Limits { get; init; }
}
