using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

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

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
