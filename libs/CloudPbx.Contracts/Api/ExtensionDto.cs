using CloudPbx.Contracts.Ids;

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
}
