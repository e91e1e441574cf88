using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A tenant.</summary>
public sealed record TenantDto
{
    /// <summary>Its identifier.</summary>
    public required TenantId Id { get; init; }

    /// <summary>Its name: lower-case letters, digits, hyphens; unique on the platform.</summary>
    public required string Name { get; init; }

    /// <summary>How it is called to people.</summary>
    public string? DisplayName { get; init; }

    /// <summary>The reseller whose tenant it is; absent: the platform's own.</summary>
    public ResellerId? ResellerId { get; init; }

    /// <summary>Since when it is suspended, UTC; absent: it is not.</summary>
    public DateTime? SuspendedAt { get; init; }

    /// <summary>Language of its prompts and pages (BCP 47).</summary>
    public required string Language { get; init; }

    /// <summary>Seconds that an extension rings which says nothing of its own.</summary>
    public required int RingSeconds { get; init; }

    /// <summary>Whether a party that is put on hold hears music.</summary>
    public required bool HoldMusic { get; init; }

    /// <summary>Whether phones hear why a call of theirs failed, before its final answer.</summary>
    public required bool Announcements { get; init; }

    /// <summary>Days after which recordings are deleted; absent: never.</summary>
    public int? RecordingDays { get; init; }

    /// <summary>Whether its administrators may listen to its calls. What is allowed depends on the law of the place: those who talk may have to be told.</summary>
    public bool AllowSupervision { get; init; }
    /// <summary>How the parties of a call learn that it is recorded.</summary>
    public required RecordingNotice RecordingNotice { get; init; }

    /// <summary>Name of the tenant's own prompt that a held party hears instead of the music that is built in; absent: that one.</summary>
    public string? HoldMusicPrompt { get; init; }

    /// <summary>Name of the tenant's own prompt that tells of a recording instead of the sentence that is built in; absent: that one.</summary>
    public string? RecordingNoticePrompt { get; init; }

    /// <summary>Whether requests that name no tenant are for this one.</summary>
    public required bool IsDefault { get; init; }

    /// <summary>Rises by one with each change of the tenant's configuration.</summary>
    public required long ConfigVersion { get; init; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
