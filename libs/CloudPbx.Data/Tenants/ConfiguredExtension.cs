using System.Collections.Immutable;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Data.Tenants;

/// <summary>An extension as the tenant's runtime sees it.</summary>
public sealed class ConfiguredExtension
{
    /// <summary>Its identifier.</summary>
    public required ExtensionId Id { get; init; }

    /// <summary>Its number, 2 to 8 digits.</summary>
    public required string Number { get; init; }

    /// <summary>The name that is shown to those it calls.</summary>
    public required string DisplayName { get; init; }

    /// <summary>How long it rings before the caller is told that nobody answers.</summary>
    public required TimeSpan RingTimeout { get; init; }

    /// <summary>Its own ring time in seconds, or <see langword="null"/>: as its tenant says.</summary>
    public required int? OwnRingSeconds { get; init; }

    /// <summary>Which of its calls are recorded without being asked for.</summary>
    public RecordingPolicy Recording { get; init; }

    /// <summary>Where it sends its calls on.</summary>
    public CallForwards Forwards { get; init; } = CallForwards.None;

    /// <summary>The codecs that its phones may speak, the most wanted first; <see langword="null"/>: all of ours.</summary>
    public IReadOnlyList<string>? Codecs { get; init; }

    /// <summary>Whether the media of all its phones is encrypted; <see langword="null"/>: as each device says.</summary>
    public SrtpPolicy? Encryption { get; init; }

    /// <summary>How the parties of its calls learn that they are recorded; <see langword="null"/>: as the trunk or the tenant says.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>What its calls outside may cost at most, where that is not as the tenant says.</summary>
    public ExtensionLimits Limits { get; init; } = ExtensionLimits.None;

    /// <summary>Its devices.</summary>
    public required ImmutableArray<ConfiguredDevice> Devices { get; init; }
}
