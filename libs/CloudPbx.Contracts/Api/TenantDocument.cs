using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Contracts.Api;

/// <summary>A whole tenant as one document: what <c>apply</c> takes and <c>export</c> gives. The format is kept; new members are optional.</summary>
public sealed record TenantDocument
{
    /// <summary>The tenant's name.</summary>
    public required string Name { get; init; }

    /// <summary>Language tag (BCP 47); <c>en</c> if absent.</summary>
    public string? Language { get; init; }

    /// <summary>Seconds that an extension rings; 30 if absent.</summary>
    public int? RingSeconds { get; init; }

    /// <summary>Whether requests that name no tenant are for this one; <see langword="false"/> if absent.</summary>
    public bool? IsDefault { get; init; }

    /// <summary>Whether a party that is put on hold hears music; <see langword="true"/> if absent.</summary>
    public bool? HoldMusic { get; init; }

    /// <summary>Whether phones hear why a call of theirs failed, before its final answer; <see langword="false"/> if absent.</summary>
    public bool? Announcements { get; init; }

    /// <summary>Days after which recordings are deleted; never if absent.</summary>
    public int? RecordingDays { get; init; }

    /// <summary>Whether its administrators may listen to its calls; <see langword="false"/> if absent.</summary>
    public bool? AllowSupervision { get; init; }
    /// <summary>How the parties of a call learn that it is recorded; <c>none</c> if absent.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>Name of the tenant's own prompt that a held party hears instead of the music that is built in; that one if absent.</summary>
    public string? HoldMusicPrompt { get; init; }

    /// <summary>Name of the tenant's own prompt that tells of a recording instead of the sentence that is built in; that one if absent.</summary>
    public string? RecordingNoticePrompt { get; init; }

    /// <summary>Its SIP domains, the first one its realm.</summary>
    public IReadOnlyList<string> Domains { get; init; } = [];

    /// <summary>Its extensions. What the document does not name is deleted.</summary>
    public IReadOnlyList<ExtensionDocument> Extensions { get; init; } = [];

    /// <summary>Its conference rooms.</summary>
    public IReadOnlyList<ConferenceDocument> Conferences { get; init; } = [];

    /// <summary>Its own profiles of carriers, which its trunks name beside the shipped ones.</summary>
    public IReadOnlyList<ProfileDocument> Profiles { get; init; } = [];

    /// <summary>Its trunks.</summary>
    public IReadOnlyList<TrunkDocument> Trunks { get; init; } = [];

    /// <summary>Its telephone numbers.</summary>
    public IReadOnlyList<NumberDocument> Numbers { get; init; } = [];

    /// <summary>Its outbound routes.</summary>
    public IReadOnlyList<RouteDocument> Routes { get; init; } = [];

    /// <summary>How it calls the outside world; as an <see cref="OutsideDocument"/> without members says if absent.</summary>
    public OutsideDocument? Outside { get; init; }

    /// <summary>What calls to the outside cost, by prefix; empty if absent.</summary>
    public IReadOnlyList<CallRate> Rates { get; init; } = [];

    /// <summary>Its limits; none if absent.</summary>
    public CallLimits? Limits { get; init; }
}
