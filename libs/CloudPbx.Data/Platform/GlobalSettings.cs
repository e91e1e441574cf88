using CloudPbx.Contracts.Api;

namespace CloudPbx.Data.Platform;

/// <summary>The platform's settings: one row.</summary>
public sealed class GlobalSettings : IVersioned
{
    /// <summary>The identifier of the only row.</summary>
    public const int OnlyId = 1;

    /// <summary>Always <see cref="OnlyId"/>.</summary>
    public int Id { get; init; } = OnlyId;

    /// <summary>The settings.</summary>
    public required PlatformSettings Settings { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
