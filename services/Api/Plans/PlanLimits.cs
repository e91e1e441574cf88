using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Plans;

/// <summary>Whether a tenant's plan has room. Asked inside the configuration change, which makes the tenant's writers wait for each other: two at once cannot both take the last place.</summary>
internal static class PlanLimits
{
    public static async Task<ProblemHttpResult?> RefuseExtensionAsync(PbxDbContext db, CancellationToken cancel)
    {
        int? most = await db.Tenants.Select(t => t.MaxExtensions).SingleAsync(cancel);
        return most is { } limit && await db.Extensions.CountAsync(cancel) >= limit ? Answers.PlanLimit(ExtensionSentence(limit)) : null;
    }

    public static async Task<ProblemHttpResult?> RefuseTrunkAsync(PbxDbContext db, CancellationToken cancel)
    {
        int? most = await db.Tenants.Select(t => t.MaxTrunks).SingleAsync(cancel);
        return most is { } limit && await db.Trunks.CountAsync(t => t.GlobalTrunkId == null, cancel) >= limit ? Answers.PlanLimit(TrunkSentence(limit)) : null;
    }

    /// <summary>Counts what the platform gave and what was taken; numbers of the tenant's own trunks are its own affair.</summary>
    public static async Task<ProblemHttpResult?> RefuseNumberAsync(PbxDbContext db, CancellationToken cancel)
    {
        int? most = await db.Tenants.Select(t => t.MaxNumbers).SingleAsync(cancel);
        return most is { } limit && await CountNumbersAsync(db, cancel) >= limit ? Answers.PlanLimit($"The plan allows {limit} numbers of your provider. Give one back, or ask for a larger plan.") : null;
    }

    /// <summary>How many numbers of the platform's inventory the tenant has.</summary>
    public static Task<int> CountNumbersAsync(PbxDbContext db, CancellationToken cancel) =>
        db.PhoneNumbers.CountAsync(n => db.Trunks.Any(t => t.Id == n.TrunkId && t.GlobalTrunkId != null), cancel);

    /// <summary>Whether so many octets more would be too many.</summary>
    public static async Task<ProblemHttpResult?> RefuseStorageAsync(PbxDbContext db, long more, CancellationToken cancel)
    {
        Tenant tenant = await db.Tenants.AsNoTracking().SingleAsync(cancel);
        return tenant.MaxStorageMegabytes is { } most && StorageUse.IsFull(tenant, await StorageUse.OctetsAsync(db, cancel) + more - 1)
            ? Answers.PlanLimit($"The plan allows {most} MiB of recordings and own sounds. Delete some, or ask for a larger plan.") : null;
    }

    /// <summary>What is too much in a whole document.</summary>
    public static IEnumerable<(string Path, string Message)> Find(Tenant tenant, int extensions, int trunks)
    {
        if (tenant.MaxExtensions is { } most && extensions > most)
            yield return ("$.extensions", ExtensionSentence(most));
        if (tenant.MaxTrunks is { } limit && trunks > limit)
            yield return ("$.trunks", TrunkSentence(limit));
    }

    public static string ExtensionSentence(int most) => $"The plan allows {most} extensions. Delete one, or ask for a larger plan.";

    private static string TrunkSentence(int most) => $"The plan allows {most} trunks. Delete one, or ask for a larger plan.";
}
