using CloudPbx.Contracts.Trunks;

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

    /// <summary>Where it sends its calls on; nowhere if absent.</summary>
    public CallForwards? Forwards { get; init; }

    /// <summary>The codecs that its phones may speak, the most wanted first (<c>PCMA</c>, <c>opus</c>); all of ours if absent.</summary>
    public IReadOnlyList<string>? Codecs { get; init; }

    /// <summary>Whether the media of all its phones is encrypted, whatever their devices say; as each device says if absent.</summary>
    public SrtpPolicy? Encryption { get; init; }

    /// <summary>How the parties of its calls learn that they are recorded; as the trunk or the tenant says if absent.</summary>
    public RecordingNotice? RecordingNotice { get; init; }

    /// <summary>What its calls outside may cost at most; as the tenant says if absent.</summary>
    public ExtensionLimits? Limits { get; init; }

    /// <summary>Its devices.</summary>
    public IReadOnlyList<DeviceDocument> Devices { get; init; } = [];
}
