namespace CloudPbx.Contracts.Api;

/// <summary>A tenant's extensions and calls as they stand now: the first event of a live stream, and later ones where something may have been missed.</summary>
public sealed record LiveSnapshotDto
{
    /// <summary>All extensions, by number.</summary>
    public required IReadOnlyList<LiveExtensionDto> Extensions { get; init; }

    /// <summary>The calls that ring or talk, the oldest first.</summary>
    public required IReadOnlyList<LiveCallDto> Calls { get; init; }
}
