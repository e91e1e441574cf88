namespace CloudPbx.Contracts.Api;

/// <summary>How long a phone may take to fetch its account.</summary>
public sealed record NewProvisioningLink
{
    /// <summary>60 to 3600; 600 if absent.</summary>
    public int? Seconds { get; init; }
}
