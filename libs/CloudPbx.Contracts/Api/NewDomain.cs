namespace CloudPbx.Contracts.Api;

/// <summary>A SIP domain to add.</summary>
public sealed record NewDomain
{
    /// <summary>A domain name, no address; unique on the platform.</summary>
    public required string Name { get; init; }
}
