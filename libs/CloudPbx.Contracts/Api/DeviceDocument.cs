namespace CloudPbx.Contracts.Api;

/// <summary>A device in a tenant's document.</summary>
public sealed record DeviceDocument
{
    /// <summary>What its owner calls it; <c>phone</c> if absent.</summary>
    public string? Name { get; init; }

    /// <summary>The user name that it authenticates with, unique in the tenant: what says which device this is. The extension's number if absent.</summary>
    public string? AuthUser { get; init; }

    /// <summary>Its SIP password in clear. Absent: kept for a device that exists, generated for a new one and told in the report.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether its media is encrypted; optional if absent.</summary>
    public SrtpPolicy? Encryption { get; init; }

    /// <summary>Whether it copes with SHA-256 challenges; <see langword="false"/> if absent.</summary>
    public bool? DigestSha256 { get; init; }
}
