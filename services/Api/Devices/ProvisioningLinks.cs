using System.Buffers.Text;
using System.Security.Cryptography;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.Devices;

namespace CloudPbx.Api.Devices;

/// <summary>Links from which phones fetch their accounts (SECURITY.md S28): the tenant's identifier, so that its rows alone are asked, and 32 random octets, of which the database has a hash.</summary>
internal static class ProvisioningLinks
{
    public const string Path = "/v1/provisioning/";
    public const int LeastSeconds = 60, MostSeconds = 3600, DefaultSeconds = 600;

    /// <summary>A phone whose answer was lost asks again; more often nobody has to.</summary>
    public const int MostFetches = 3;

    private const int TenantLength = 16, SecretLength = 32;

    /// <summary>Makes a link.</summary>
    /// <returns>Its row, and the last part of its address, which is told once.</returns>
    public static (ProvisioningLink Row, string Token) Make(TenantId tenant, DeviceId device, DateTime expires)
    {
        byte[] token = new byte[TenantLength + SecretLength];
        tenant.Value.TryWriteBytes(token);
        RandomNumberGenerator.Fill(token.AsSpan(TenantLength));
        return (new ProvisioningLink { TenantId = tenant, DeviceId = device, SecretHash = SHA256.HashData(token.AsSpan(TenantLength)), ExpiresAt = expires }, Base64Url.EncodeToString(token));
    }

    /// <summary>Reads the last part of an address; null where it is none of ours.</summary>
    public static (TenantId Tenant, byte[] SecretHash)? Read(string token)
    {
        Span<byte> octets = stackalloc byte[TenantLength + SecretLength];
        if (token.Length != Base64Url.GetEncodedLength(octets.Length) || !Base64Url.IsValid(token) || !Base64Url.TryDecodeFromChars(token, octets, out int written) || written != octets.Length)
            return null;
        return (new TenantId(new Guid(octets[..TenantLength])), SHA256.HashData(octets[TenantLength..]));
    }
}
