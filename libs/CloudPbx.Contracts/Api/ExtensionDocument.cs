namespace CloudPbx.Contracts.Api;

/// <summary>An extension in a tenant's document.</summary>
public sealed record ExtensionDocument
{
    /// <summary>2 to 8 digits.</summary>
    public required string Number { get; init; }

    /// <summary>The name that is shown to those it calls; the number if absent.</summary>
    public string? DisplayName { get; init; }

    /// <summary>Seconds that it rings; as the tenant says if absent.</summary>
    public int? RingSeconds { get; init; }

    /// <summary>Which of its calls are recorded without being asked for; <c>off</c> if absent.</summary>
    public RecordingPolicy? Recording { get; init; }

    /// <summary>Its devices.</summary>
    public IReadOnlyList<DeviceDocument> Devices { get; init; } = [];
}
