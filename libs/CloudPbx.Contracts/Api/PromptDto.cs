using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A sound that a tenant has uploaded: music for those who are held, an announcement, a greeting.</summary>
public sealed record PromptDto
{
    /// <summary>Its identifier.</summary>
    public required PromptId Id { get; init; }

    /// <summary>What settings call it: lower-case letters, digits, hyphens; unique in its tenant.</summary>
    public required string Name { get; init; }

    /// <summary>How long it plays.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Octets that it takes in the object store.</summary>
    public required long Length { get; init; }

    /// <summary>When its sound was uploaded, UTC.</summary>
    public required DateTime UploadedAt { get; init; }

    /// <summary>Where it plays: <c>hold-music</c>, <c>recording-notice</c>, <c>conference 800</c>.</summary>
    public required IReadOnlyList<string> Uses { get; init; }
}
