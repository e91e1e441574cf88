namespace CloudPbx.CallControl.Carriers;

/// <summary>Where a line's registration stands.</summary>
internal sealed record LineStatus
{
    /// <summary>Since when it is registered without a gap, UTC; null while it is not.</summary>
    public DateTime? RegisteredSince { get; init; }

    /// <summary>Until when the carrier holds it, UTC.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>The status of the last attempt that failed; 0 where the carrier said nothing.</summary>
    public int? FailureStatus { get; init; }

    /// <summary>The carrier's own words then, or ours where it could not be reached.</summary>
    public string? FailureReason { get; init; }

    /// <summary>When that was, UTC.</summary>
    public DateTime? FailedAt { get; init; }
}
