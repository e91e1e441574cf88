using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Api;

/// <summary>A device; its password is never listed.</summary>
public sealed record DeviceDto
{
    /// <summary>Its identifier.</summary>
    public required DeviceId Id { get; init; }

    /// <summary>The number of its extension.</summary>
    public required string Extension { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The user name that it authenticates with.</summary>
    public required string AuthUser { get; init; }

    /// <summary>Whether its media is encrypted.</summary>
    public required SrtpPolicy Encryption { get; init; }

    /// <summary>Whether it is challenged with SHA-256 first.</summary>
    public required bool DigestSha256 { get; init; }

    /// <summary>When it ends by itself, UTC: a phone in a browser; <see langword="null"/>: it stays.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>Its SIP password: only in the answer to its creation or to a change of the password, never again.</summary>
    public string? Secret { get; init; }
}
