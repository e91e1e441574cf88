namespace CloudPbx.Contracts.Api;

/// <summary>A tenant to create or to change.</summary>
public sealed record NewTenant
{
    /// <summary>1 to 63 lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Language tag (BCP 47), <c>en</c> if absent.</summary>
    public string? Language { get; init; }

    /// <summary>5 to 300, 30 if absent.</summary>
    public int? RingSeconds { get; init; }

    /// <summary>Whether a party that is put on hold hears music; <see langword="true"/> if absent.</summary>
    public bool? HoldMusic { get; init; }

    /// <summary>Whether phones hear why a call of theirs failed, before its final answer; <see langword="false"/> if absent.</summary>
    public bool? Announcements { get; init; }

    /// <summary>Days after which recordings are deleted, 1 to 3650; never if absent.</summary>
    public int? RecordingDays { get; init; }

    /// <summary>Whether its administrators may listen to its calls; <see langword="false"/> if absent.</summary>
    public bool? AllowSupervision { get; init; }
    /// <summary>How the parties of a call learn that it is recorded; <c>none</c> if absent.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>Name of the tenant's own prompt that a held party hears instead of the music that is built in; that one if absent.</summary>
    public string? HoldMusicPrompt { get; init; }

    /// <summary>Name of the tenant's own prompt that tells of a recording instead of the sentence that is built in; that one if absent.</summary>
    public string? RecordingNoticePrompt { get; init; }

    /// <summary>Whether requests that name no tenant are for this one; at most one tenant is the default.</summary>
    public bool? IsDefault { get; init; }
}
