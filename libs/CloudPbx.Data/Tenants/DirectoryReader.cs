using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Tenants;

/// <summary>Reads which tenant owns which domain, user name, telephone number and carrier's address, over all tenants, for the edges' directory.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class DirectoryReader(IPbxDatabase database)
{
    /// <summary>Reads the directory.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<DirectoryRows> ReadAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            Dictionary<string, TenantId> domains = await db.Domains.AsNoTracking()
                .ToDictionaryAsync(d => d.Name, d => d.TenantId, StringComparer.OrdinalIgnoreCase, cancel).ConfigureAwait(false);
            Dictionary<string, TenantId> owners = new(StringComparer.Ordinal);
            HashSet<string> shared = new(StringComparer.Ordinal);
            // A phone puts its user name or its number into From: both count, and a name that two tenants use names neither.
            var users = db.Devices.Select(d => new { Name = d.AuthUser, d.TenantId }).Concat(db.Extensions.Select(e => new { Name = e.Number, e.TenantId }));
            await foreach (var user in users.AsAsyncEnumerable().WithCancellation(cancel).ConfigureAwait(false))
            {
                if (!owners.TryAdd(user.Name, user.TenantId) && owners[user.Name] != user.TenantId)
                    shared.Add(user.Name);
            }
            foreach (string name in shared)
                owners.Remove(name);
            List<TenantId> defaults = await db.Tenants.Where(t => t.IsDefault).Select(t => t.Id).ToListAsync(cancel).ConfigureAwait(false);
            return new DirectoryRows(domains, owners, defaults.Count == 1 ? defaults[0] : null)
            {
                Sha256Tenants = await db.Devices.Where(d => d.DigestSha256).Select(d => d.TenantId).Distinct().ToListAsync(cancel).ConfigureAwait(false),
                Carriers = await ReadCarriersAsync(db, cancel).ConfigureAwait(false),
                Numbers = await db.PhoneNumbers.AsNoTracking().ToDictionaryAsync(n => n.Number, n => n.TenantId, StringComparer.Ordinal, cancel).ConfigureAwait(false),
            };
        }
    }

    // Tenants share a network only where they read the called number alike (SourceConflicts), so any of them says how.
    private static async Task<List<CarrierSource>> ReadCarriersAsync(PlatformDbContext db, CancellationToken cancel)
    {
        var rows = await db.TrunkSources.AsNoTracking()
            .Join(db.Trunks.Where(t => t.Enabled && t.Kind == TrunkKind.Ip), s => new { s.TenantId, Id = s.TrunkId }, t => new { t.TenantId, t.Id }, (s, t) => new { s.Network, Trunk = t })
            .ToListAsync(cancel).ConfigureAwait(false);
        return
        [
            .. rows.GroupBy(row => row.Network, row => row.Trunk, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).Select(group =>
            {
                TrunkProfile profile = group.First().Details.ToProfile();
                return new CarrierSource
                {
                    Network = group.Key,
                    Tenant = group.Select(t => t.TenantId).Distinct().Count() == 1 ? group.First().TenantId : null,
                    ServerNames = CertificateSource.Is(group.Key) ? NamesOf(group) : null,
                    CalledNumberFrom = profile.CalledNumberFrom,
                    CalledIn = profile.Numbers.CalledIn,
                };
            }),
        ];
    }

    // A trunk without a name of ours may be called at any.
    private static string[]? NamesOf(IEnumerable<Trunk> trunks)
    {
        string?[] names = [.. trunks.Select(t => t.Details.ToProfile().ContactHost).Distinct(StringComparer.OrdinalIgnoreCase)];
        return names.Contains(null) ? null : [.. names.OfType<string>()];
    }
}
