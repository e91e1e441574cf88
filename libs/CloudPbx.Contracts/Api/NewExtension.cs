namespace CloudPbx.Contracts.Api;

/// <summary>An extension to create or to change.</summary>
public sealed record NewExtension
{
    /// <summary>2 to 8 digits, unique in the tenant.</summary>
    public required string Number { get; init; }

    /// <summary>At most 128 characters; the number if absent.</summary>
    public string? DisplayName { get; init; }

    /// <summary>5 to 300; as the tenant says if absent.</summary>
    public int? RingSeconds { get; init; }

    /// <summary>Which of its calls are recorded without being asked for; <c>off</c> if absent.</summary>
    public RecordingPolicy? Recording { get; init; }
}
