using System.Security.Cryptography;
using System.Text;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Blobs.Storage;

/// <summary>Where a tenant's object lies. Made of identifiers only: nothing that a user wrote becomes part of a path (SECURITY.md S25).</summary>
/// <param name="Tenant">Whose; the path begins with it.</param>
/// <param name="Name">The rest, without a leading slash.</param>
public readonly record struct BlobPath(TenantId Tenant, string Name)
{
    /// <summary>A recording's audio, sealed.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="recording">Which.</param>
    public static BlobPath Recording(TenantId tenant, RecordingId recording) => new(tenant, $"recordings/{recording}");

    /// <summary>The audio of a tenant's own prompt, sealed.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="audio">Which: another one with each upload.</param>
    public static BlobPath Prompt(TenantId tenant, RecordingId audio) => new(tenant, $"prompts/{audio}");

    /// <summary>The folder of what remembers deleted tenants; no tenant has that name.</summary>
    internal const string Graves = "deleted";

    /// <summary>What remembers a deleted tenant: nothing of it but a hash, which nobody can turn back.</summary>
    /// <param name="tenant">Which.</param>
    internal static string Grave(TenantId tenant) => $"{Graves}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(tenant.ToString())))}";

    /// <summary>The tenant, a slash and the name.</summary>
    public override string ToString() => $"{Tenant}/{Name}";
}
