using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Devices;

/// <summary>One phone's account at an extension.</summary>
public sealed class Device : ITenantOwned, IVersioned
{
    /// <summary>Its identifier.</summary>
    public required DeviceId Id { get; init; }

    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Its extension, of the same tenant: the foreign key says so.</summary>
    public required ExtensionId ExtensionId { get; set; }

    /// <summary>What its owner calls it; a label, nothing is found by it.</summary>
    public required string Name { get; set; }

    /// <summary>The user name that it authenticates with, unique in its tenant; case matters.</summary>
    public required string AuthUser { get; set; }

    /// <summary>Its SIP password, sealed by the tenant's key.</summary>
    public required byte[] SealedSecret { get; set; }

    /// <summary>Whether its media is encrypted.</summary>
    public SrtpPolicy Encryption { get; set; }

    /// <summary>Whether it is known to cope with a SHA-256 challenge.</summary>
    public bool DigestSha256 { get; set; }

    /// <summary>When it ends by itself, UTC: a phone in a browser, which is no part of the tenant's document; <see langword="null"/>: it stays.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <inheritdoc/>
    public Guid Version { get; set; }
}
