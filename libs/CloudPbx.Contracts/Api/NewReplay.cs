namespace CloudPbx.Contracts.Api;

/// <summary>Which events a webhook is to get once more.</summary>
public sealed record NewReplay
{
    /// <summary>All since this instant, of the types that it wants.</summary>
    public required DateTime Since { get; init; }
}
