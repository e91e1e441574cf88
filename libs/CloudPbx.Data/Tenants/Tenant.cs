using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Tenants;

/// <summary>A tenant.</summary>
public sealed class Tenant : IVersioned
{
    /// <summary>Seconds that an extension rings where neither it nor its tenant says otherwise.</summary>
    public const int DefaultRingSeconds = 30;

    /// <summary>Its identifier.</summary>
    public required TenantId Id { get; init; }

    /// <summary>Its name: 1 to 63 lower-case letters, digits and hyphens; unique on the platform.</summary>
    public required string Name { get; set; }

    /// <summary>The reseller whose tenant it is; <see langword="null"/>: the platform's own.</summary>
    public ResellerId? ResellerId { get; set; }

    /// <summary>How it is called to people; <see langword="null"/>: by its name.</summary>
    public string? DisplayName { get; set; }

    /// <summary>Name of the plan that it was given; its figures were copied below.</summary>
    public string? Plan { get; set; }

    /// <summary>Extensions at most; <see langword="null"/>: no limit.</summary>
    public int? MaxExtensions { get; set; }

    /// <summary>Trunks of its own at most; <see langword="null"/>: no limit.</summary>
    public int? MaxTrunks { get; set; }

    /// <summary>Numbers of the platform's inventory at most that it may take itself; <see langword="null"/>: no limit.</summary>
    public int? MaxNumbers { get; set; }

    /// <summary>Mebibytes of recordings and own sounds at most; <see langword="null"/>: no limit.</summary>
    public int? MaxStorageMegabytes { get; set; }

    /// <summary>Whether they are used up: no further recording begins.</summary>
    public bool StorageFull { get; set; }

    /// <summary>End of its trial, UTC.</summary>
    public DateTime? TrialEndsAt { get; set; }

    /// <summary>Since when it is suspended, UTC: nobody calls but for help.</summary>
    public DateTime? SuspendedAt { get; set; }

    /// <summary>Why, for its administrator to read.</summary>
    public string? SuspensionReason { get; set; }

    /// <summary>How its pages look; <see langword="null"/>: as its reseller's.</summary>
    public Resellers.Branding? Branding { get; set; }

    /// <summary>Language of its prompts and pages (BCP 47).</summary>
    public required string Language { get; set; }

    /// <summary>Seconds that an extension rings which says nothing of its own.</summary>
    public int RingSeconds { get; set; } = DefaultRingSeconds;

    /// <summary>Whether a party that is put on hold hears music.</summary>
    public bool HoldMusic { get; set; } = true;

    /// <summary>Whether phones hear why a call of theirs failed, before its final answer.</summary>
    public bool Announcements { get; set; }

    /// <summary>Days after which recordings are deleted; <see langword="null"/>: never.</summary>
    public int? RecordingDays { get; set; }

    /// <summary>Whether its administrators may listen to its calls.</summary>
    public bool AllowSupervision { get; set; }
    /// <summary>How the parties of a call learn that it is recorded.</summary>
    public RecordingNotice RecordingNotice { get; set; }

    /// <summary>Name of its own prompt that a held party hears; <see langword="null"/>, or a name that no prompt has: the music that is built in.</summary>
    public string? HoldMusicPrompt { get; set; }

    /// <summary>Name of its own prompt that tells of a recording; <see langword="null"/>, or a name that no prompt has: the sentence that is built in.</summary>
    public string? RecordingNoticePrompt { get; set; }

    /// <summary>Whether requests that name no tenant are for this one. At most one tenant is the default.</summary>
    public bool IsDefault { get; set; }

    /// <summary>Rises by one with each change of the tenant's configuration.</summary>
    public long ConfigVersion { get; set; }

    /// <summary>When it was created, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
