using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Plans;

/// <summary>What a tenant's recordings and own sounds take in the object store, and whether that is all that its plan allows.</summary>
internal static class StorageUse
{
    private const long Mebibyte = 1024 * 1024;

    /// <summary>Octets of the sealed audio.</summary>
    public static async Task<long> OctetsAsync(PbxDbContext db, CancellationToken cancel) =>
        await db.Recordings.SumAsync(r => r.Length, cancel) + await db.Prompts.SumAsync(p => p.Length, cancel);

    /// <summary>The same in mebibytes, rounded up: what is there is never nothing.</summary>
    public static long Megabytes(long octets) => (octets + Mebibyte - 1) / Mebibyte;

    /// <summary>Whether there is no room for more.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="octets">What is stored, or would be.</param>
    public static bool IsFull(Tenant tenant, long octets) => tenant.MaxStorageMegabytes is { } most && octets >= most * Mebibyte;
}
