using System.Net;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Trunks;

/// <summary>
/// Finds trusted addresses that two trunks cannot both have. Two tenants may share a carrier's address only where the called number can decide: both
/// write the same network, read the called number alike, and neither has an extension that takes every number.
/// </summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>: it looks at other tenants' networks and tells nothing of them but that they are in the way.</remarks>
public sealed class SourceConflicts(IPbxDatabase database)
{
    // Any number that nothing else locks by.
    private const long LockKey = 0x7472756e6b737263;

    /// <summary>Makes other writers of trusted addresses wait until this transaction has ended, so that two of them cannot each miss the other's.</summary>
    /// <param name="db">The tenant's context, in its transaction.</param>
    /// <param name="cancel">Stops the waiting.</param>
    public static async Task LockAsync(PbxDbContext db, CancellationToken cancel)
    {
        // SQLite has one writer at a time, and a configuration change has written already.
        if (db.Database.ProviderName?.EndsWith("PostgreSQL", StringComparison.Ordinal) == true)
            await db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({LockKey})", cancel).ConfigureAwait(false);
    }

    /// <summary>Finds what is in the way of the tenant's trunks as they are to be.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="trunks">All of its trunks with their networks, as they are to be.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <param name="global">The shared trunk that is to be changed with all its copies: those are not in its way.</param>
    /// <returns>The conflicts; none: they can be saved.</returns>
    public async Task<IReadOnlyList<SourceConflict>> FindAsync(
        TenantId tenant, IReadOnlyList<(Trunk Trunk, IReadOnlyList<string> Sources)> trunks, CancellationToken cancel, TrunkId? global = null)
    {
        Claim[] own = [.. trunks.Where(t => t.Trunk.Enabled).SelectMany(t => t.Sources.Select(network => Claim.Of(t.Trunk, network)))];
        if (own.Length == 0)
            return [];
        List<SourceConflict> conflicts = [];
        for (int i = 0; i < own.Length; i++)
        {
            for (int j = 0; j < i; j++)
            {
                if (own[i].Trunk != own[j].Trunk && own[i].Overlaps(own[j]))
                    conflicts.Add(new SourceConflict(own[i].Trunk.Name, own[i].Text, $"Is a source of the trunk \"{own[j].Trunk.Name}\" too ({own[j].Text}): a call from there must be one trunk's."));
            }
        }
        foreach (Claim other in await ReadOthersAsync(tenant, global, [.. trunks.Select(t => t.Trunk.GlobalTrunkId).OfType<TrunkId>()], cancel).ConfigureAwait(false))
        {
            foreach (Claim claim in own.Where(claim => claim.Overlaps(other)))
            {
                if (WhyNotShared(claim, other) is { } why)
                    conflicts.Add(new SourceConflict(claim.Trunk.Name, claim.Text, why));
            }
        }
        return [.. conflicts.Distinct()];
    }

    private static string? WhyNotShared(Claim claim, Claim other) =>
        claim.Text != other.Text
            ? "Overlaps with a network of another tenant of this platform. Tenants can share a carrier's network only if they write it alike: ask the operator how it is written."
        : claim.Trunk.Details.DefaultExtension is not null || other.Trunk.Details.DefaultExtension is not null
            ? "Another tenant of this platform has it too, so the called number has to decide: neither trunk may have a defaultExtension."
        : !claim.ReadsLike(other)
            ? "Another tenant of this platform has it too, so the called number has to decide: both trunks must have the same calledNumberFrom and the same numbers.calledIn. Ask the operator which."
        : null;

    private async Task<List<Claim>> ReadOthersAsync(TenantId tenant, TrunkId? global, HashSet<TrunkId> copied, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            var rows = await db.TrunkSources.AsNoTracking().Where(s => s.TenantId != tenant)
                .Join(db.Trunks.Where(t => t.Enabled && (global == null || t.GlobalTrunkId != global)), s => new { s.TenantId, Id = s.TrunkId }, t => new { t.TenantId, t.Id }, (s, t) => new { s.Network, Trunk = t })
                .ToListAsync(cancel).ConfigureAwait(false);
            // Shared trunks count before any tenant has a copy, too: else two owners could promise overlapping networks. Those among the trunks asked about are not in their own way.
            List<GlobalTrunk> shared = await db.GlobalTrunks.AsNoTracking().Where(t => t.Enabled).ToListAsync(cancel).ConfigureAwait(false);
            return
            [
                .. rows.Select(row => Claim.Of(row.Trunk, row.Network)),
                .. shared.Where(t => !copied.Contains(t.Id)).SelectMany(t => t.Sources.Select(network => Claim.Of(t.ToCopy(default), network))),
            ];
        }
    }

    // A certificate has no network: it is another one than every other text.
    private readonly record struct Claim(Trunk Trunk, string Text, IPNetwork? Network)
    {
        public static Claim Of(Trunk trunk, string network) => new(trunk, network, CertificateSource.Is(network) ? null : IPNetwork.Parse(network));

        public bool Overlaps(Claim other) => Network is { } a && other.Network is { } b
            ? a.Contains(b.BaseAddress) || b.Contains(a.BaseAddress)
            : string.Equals(Text, other.Text, StringComparison.Ordinal);

        public bool ReadsLike(Claim other)
        {
            (TrunkProfile a, TrunkProfile b) = (Trunk.Details.ToProfile(), other.Trunk.Details.ToProfile());
            return a.CalledNumberFrom == b.CalledNumberFrom && a.Numbers.CalledIn.SequenceEqual(b.Numbers.CalledIn);
        }
    }
}
