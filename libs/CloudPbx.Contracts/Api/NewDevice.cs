namespace CloudPbx.Contracts.Api;

/// <summary>A device to create or to change.</summary>
public sealed record NewDevice
{
    /// <summary>The number of its extension.</summary>
    public required string Extension { get; init; }

    /// <summary>1 to 64 characters; <c>phone</c> if absent.</summary>
    public string? Name { get; init; }

    /// <summary>1 to 64 of letters, digits and <c>.-_+</c>, unique in the tenant; the extension's number if absent.</summary>
    public string? AuthUser { get; init; }

    /// <summary>8 to 128 characters; if absent one is generated for a new device, and kept for an old one.</summary>
    public string? Secret { get; init; }

    /// <summary>Whether its media is encrypted; optional if absent.</summary>
    public SrtpPolicy? Encryption { get; init; }

    /// <summary>Whether it copes with SHA-256 challenges; <see langword="false"/> if absent.</summary>
    public bool? DigestSha256 { get; init; }
}
