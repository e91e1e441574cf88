using System.Collections.Immutable;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

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

    /// <summary>Its devices.</summary>
    public required ImmutableArray<ConfiguredDevice> Devices { get; init; }
}
