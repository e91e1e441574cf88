using CloudPbx.Contracts.Ids;

namespace CloudPbx.Data.Devices;

/// <summary>A link from which a phone may fetch its account. A device has one at most; a new one ends the one before.</summary>
public sealed class ProvisioningLink : ITenantOwned
{
    /// <inheritdoc/>
    public required TenantId TenantId { get; init; }

    /// <summary>Whose account.</summary>
    public required DeviceId DeviceId { get; init; }

    /// <summary>SHA-256 of the link's secret: who reads the database can fetch nothing.</summary>
    public required byte[] SecretHash { get; set; }

    /// <summary>Until when it can be fetched, UTC.</summary>
    public required DateTime ExpiresAt { get; set; }

    /// <summary>The address that fetched it first, and the only one that may again; <see langword="null"/>: nobody did.</summary>
    public string? FetchedFrom { get; set; }

    /// <summary>How often it was fetched.</summary>
    public int Fetches { get; set; }
}
