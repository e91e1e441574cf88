namespace CloudPbx.Contracts.Api;

/// <summary>Why a tenant is suspended.</summary>
public sealed record Suspension
{
    /// <summary>For the tenant's administrator to read.</summary>
    public string? Reason { get; init; }
}
