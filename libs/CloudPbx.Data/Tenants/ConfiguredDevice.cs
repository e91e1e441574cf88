using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Keys;

namespace CloudPbx.Data.Tenants;

/// <summary>A device as the tenant's runtime sees it.</summary>
public sealed class ConfiguredDevice
{
    /// <summary>Its identifier.</summary>
    public required DeviceId Id { get; init; }

    /// <summary>The number of its extension.</summary>
    public required string Extension { get; init; }

    /// <summary>What its owner calls it.</summary>
    public required string Name { get; init; }

    /// <summary>The user name that it authenticates with, unique in its tenant.</summary>
    public required string AuthUser { get; init; }

    /// <summary>Whether its media is encrypted: as its extension says, else as it says itself.</summary>
    public required SrtpPolicy Encryption { get; init; }

    /// <summary>What it says itself of encryption.</summary>
    public required SrtpPolicy OwnEncryption { get; init; }

    /// <summary>The codecs that its extension lets it speak, the most wanted first; <see langword="null"/>: all of ours.</summary>
    public IReadOnlyList<string>? Codecs { get; init; }

    /// <summary>Whether it is known to cope with a SHA-256 challenge (RFC 8760); most phones give up when they see one.</summary>
    public required bool DigestSha256 { get; init; }

    /// <summary>When it ends by itself, UTC; <see langword="null"/>: it stays.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>Its SIP password, sealed until asked for.</summary>
    public required DeviceSecret Secret { get; init; }
}
