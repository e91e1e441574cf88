using System.Collections.Immutable;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Tenants;

/// <summary>Reads which tenant owns which domain, user name, telephone number and carrier's address, and what it dials for help, over all tenants, for the edges' directory.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class DirectoryReader(IPbxDatabase database)
{
    private const int FewRows = 100;

    // How tenants call outside, as far as it is asked for here, by the version of the row. Rates make these rows large, and they seldom change: each version is read once. Replaced whole.
    private volatile ImmutableDictionary<TenantId, (Guid Version, OutsideCalling Settings)> _outside = ImmutableDictionary<TenantId, (Guid, OutsideCalling)>.Empty;

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
            Dictionary<string, TenantId> numbers = await db.PhoneNumbers.AsNoTracking().ToDictionaryAsync(n => n.Number, n => n.TenantId, StringComparer.Ordinal, cancel).ConfigureAwait(false);
            return new DirectoryRows(domains, owners, defaults.Count == 1 ? defaults[0] : null)
            {
                Sha256Tenants = await db.Devices.Where(d => d.DigestSha256).Select(d => d.TenantId).Distinct().ToListAsync(cancel).ConfigureAwait(false),
                Emergency = await ReadEmergencyAsync(db, numbers, cancel).ConfigureAwait(false),
                Carriers = await ReadCarriersAsync(db, domains, cancel).ConfigureAwait(false),
                SharedLines = await ReadSharedLinesAsync(db, cancel).ConfigureAwait(false),
                Numbers = numbers,
            };
        }
    }

    private async Task<List<EmergencyDialling>> ReadEmergencyAsync(PlatformDbContext db, Dictionary<string, TenantId> numbers, CancellationToken cancel)
    {
        Dictionary<TenantId, Guid> versions = await db.OutsideCalling.Select(o => new { o.TenantId, o.Version }).ToDictionaryAsync(o => o.TenantId, o => o.Version, cancel).ConfigureAwait(false);
        TenantId[] changed = [.. versions.Where(v => !_outside.TryGetValue(v.Key, out (Guid Version, OutsideCalling Settings) read) || read.Version != v.Value).Select(v => v.Key)];
        ImmutableDictionary<TenantId, (Guid, OutsideCalling)>.Builder outside = _outside.RemoveRange(_outside.Keys.Where(tenant => !versions.ContainsKey(tenant))).ToBuilder();
        if (changed.Length > 0)
        {
            // Named one by one while they are few: databases limit the parameters of a query.
            IQueryable<OutsideCallingRow> rows = changed.Length > FewRows ? db.OutsideCalling : db.OutsideCalling.Where(o => changed.Contains(o.TenantId));
            await foreach (OutsideCallingRow row in rows.AsNoTracking().AsAsyncEnumerable().WithCancellation(cancel).ConfigureAwait(false))
                outside[row.TenantId] = (row.Version, new OutsideCalling { OutsidePrefix = row.Settings.OutsidePrefix, EmergencyNumbers = row.Settings.EmergencyNumbers, Country = HomeCountry.Of(row.Settings, []) });
        }
        ImmutableDictionary<TenantId, (Guid Version, OutsideCalling Settings)> known = _outside = outside.ToImmutable();
        OutsideCalling plain = new();
        var tenants = await db.Tenants.Select(t => new { t.Id, t.Language }).ToListAsync(cancel).ConfigureAwait(false);
        ILookup<TenantId, string> ofTenant = numbers.ToLookup(number => number.Value, number => number.Key);
        return
        [
            .. tenants.GroupBy(t => string.Join(' ', DialledBy(t.Id, t.Language)), t => t.Id)
                .Where(group => group.Key.Length > 0)
                .Select(group => new EmergencyDialling { Dialled = group.Key.Split(' '), Tenants = [.. group] }),
        ];

        IEnumerable<string> DialledBy(TenantId tenant, string language)
        {
            OutsideCalling settings = known.TryGetValue(tenant, out (Guid Version, OutsideCalling Settings) own) ? own.Settings : plain;
            return Emergency.Dialled(settings, HomeCountry.Of(settings, ofTenant[tenant]), language).Keys;
        }
    }

    // Tenants share a network only where they read the called number alike (SourceConflicts), so any of them says how.
    private static async Task<List<CarrierSource>> ReadCarriersAsync(PlatformDbContext db, Dictionary<string, TenantId> domains, CancellationToken cancel)
    {
        var rows = await db.TrunkSources.AsNoTracking()
            .Join(db.Trunks.Where(t => t.Enabled), s => new { s.TenantId, Id = s.TrunkId }, t => new { t.TenantId, t.Id }, (s, t) => new { s.Network, Trunk = t })
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
                    ServerNames = CertificateSource.Is(group.Key) ? NamesOf(group, domains) : [],
                    CalledNumberFrom = profile.CalledNumberFrom,
                    CalledIn = profile.Numbers.CalledIn,
                };
            }),
        ];
    }

    private static async Task<List<SharedLineSource>> ReadSharedLinesAsync(PlatformDbContext db, CancellationToken cancel) =>
    [
        .. (await db.GlobalTrunks.AsNoTracking().Where(t => t.Enabled && t.Kind == TrunkKind.Registered).OrderBy(t => t.Id).ToListAsync(cancel).ConfigureAwait(false)).Select(trunk =>
        {
            TrunkProfile profile = trunk.Details.ToProfile();
            return new SharedLineSource { Trunk = trunk.Id, CalledNumberFrom = profile.CalledNumberFrom, CalledIn = profile.Numbers.CalledIn };
        }),
    ];

    // A carrier that knows us by no other name connects to a domain of its company's. Phones of other companies are not asked, whatever a contactHost says: Linphone 5.1 waits for ever then.
    private static string[] NamesOf(IEnumerable<Trunk> trunks, Dictionary<string, TenantId> domains) =>
    [
        .. trunks.SelectMany(trunk => trunk.Details.ToProfile().ContactHost is { } host
                ? domains.TryGetValue(host, out TenantId owner) && owner != trunk.TenantId ? [] : [host]
                : domains.Where(domain => domain.Value == trunk.TenantId).Select(domain => domain.Key))
            .Distinct(StringComparer.OrdinalIgnoreCase).Order(StringComparer.OrdinalIgnoreCase),
    ];
}
