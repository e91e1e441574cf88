using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>What creating and changing a trunk have in common.</summary>
/// <remarks>Scoped.</remarks>
internal sealed class TrunkSaving(PbxDbContext db, TenantKeyring keyring, SourceConflicts conflicts, ConfigurationAnnouncer announcer, TimeProvider time)
{
    /// <summary>Writes a request over a row and saves it; gives the problem where it could not be.</summary>
    public async Task<ProblemHttpResult?> SaveAsync(
        ConfigurationChange change, Trunk row, Trunk? present, TrunkDocument wish, string what, RequestErrors errors, CancellationToken cancel)
    {
        References references = await References.LoadAsync(db, cancel);
        references.Check(wish, "$", errors);
        wish.Accounts.CheckPasswords(present?.Details, "$", errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        Tenant tenant = await db.Tenants.AsNoTracking().SingleAsync(cancel);
        row.Apply(wish, tenant.Language, TrunkSecrets.Of(keyring, (await db.TenantKeys.AsNoTracking().SingleAsync(cancel)).ToKey()), references.Profiles);
        await EditSourcesAsync(db, row, wish.Sources, cancel);
        foreach (SourceConflict conflict in await FindConflictsAsync(row, wish.Sources, cancel))
            errors.Add($"$.sources[{Math.Max(0, wish.Sources.ToList().IndexOf(conflict.Network))}]", conflict.Reason);
        if (errors.Any)
            return Answers.Taken(errors.ToDictionary());
        SaveOutcome outcome = await change.TrySaveAsync($"trunk {row.Name} {what}", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? Answers.Taken("$.name", "The tenant has a trunk of this name: choose another.") : Answers.Refused(outcome);
        await announcer.ChangedAsync(row.TenantId, change.Version);
        return null;
    }

    /// <summary>Makes a trunk's sources what a request says; gives whether anything is different now.</summary>
    public static async Task<bool> EditSourcesAsync(PbxDbContext db, Trunk row, IReadOnlyList<string> wish, CancellationToken cancel)
    {
        List<TrunkSource> present = await db.TrunkSources.Where(s => s.TrunkId == row.Id).ToListAsync(cancel);
        TrunkSource[] gone = [.. present.Where(s => !wish.Contains(s.Network))];
        TrunkSource[] added = [.. wish.Where(network => present.TrueForAll(s => s.Network != network)).Select(network => new TrunkSource { TenantId = row.TenantId, TrunkId = row.Id, Network = network })];
        db.TrunkSources.RemoveRange(gone);
        db.TrunkSources.AddRange(added);
        return gone.Length + added.Length > 0;
    }

    private async Task<IReadOnlyList<SourceConflict>> FindConflictsAsync(Trunk row, IReadOnlyList<string> sources, CancellationToken cancel)
    {
        await SourceConflicts.LockAsync(db, cancel);
        ILookup<TrunkId, string> others = (await db.TrunkSources.AsNoTracking().Where(s => s.TrunkId != row.Id).ToListAsync(cancel)).ToLookup(s => s.TrunkId, s => s.Network);
        List<(Trunk Trunk, IReadOnlyList<string> Sources)> all =
            [.. (await db.Trunks.AsNoTracking().Where(t => t.Id != row.Id).ToListAsync(cancel)).Select(t => (t, (IReadOnlyList<string>)[.. others[t.Id]]))];
        all.Add((row, sources));                                                        // last: what is in the way is told of this one
        return [.. (await conflicts.FindAsync(row.TenantId, all, cancel)).Where(conflict => conflict.Trunk == row.Name)];
    }
}
