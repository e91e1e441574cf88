using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Numbering;

/// <summary>An extension of a tenant.</summary>
public sealed class Extension : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required ExtensionId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>2 to 8 digits, unique in its tenant.</summary>
    public required string Number { get; set; }

    /// <summary>The name that is shown to those it calls.</summary>
    public required string DisplayName { get; set; }

    /// <summary>Seconds that it rings, or <see langword="null"/>: as its tenant says.</summary>
    public int? RingSeconds { get; set; }

    /// <summary>Which of its calls are recorded without being asked for.</summary>
    public RecordingPolicy Recording { get; set; }

    /// <summary>Where it sends its calls on; <see langword="null"/>: nowhere.</summary>
    public CallForwards? Forwards { get; set; }

    /// <summary>The codecs that its phones may speak, the most wanted first; <see langword="null"/>: all of ours.</summary>
    public IReadOnlyList<string>? Codecs { get; set; }

    /// <summary>Whether the media of all its phones is encrypted; <see langword="null"/>: as each device says.</summary>
    public SrtpPolicy? Encryption { get; set; }

    /// <summary>How the parties of its calls learn that they are recorded; <see langword="null"/>: as the trunk or the tenant says.</summary>
    public RecordingNotice? RecordingNotice { get; set; }

    /// <summary>What its calls outside may cost at most; <see langword="null"/>: as the tenant says.</summary>
    public ExtensionLimits? Limits { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
