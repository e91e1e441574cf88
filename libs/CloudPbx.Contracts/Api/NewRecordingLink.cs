namespace CloudPbx.Contracts.Api;

/// <summary>A short-lived address of a recording to make.</summary>
public sealed record NewRecordingLink
{
    /// <summary>For how long it is good: 10 to 300 seconds, 300 if absent.</summary>
    public int? Seconds { get; init; }
}
