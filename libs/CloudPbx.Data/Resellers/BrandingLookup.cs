using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Resellers;

/// <summary>Finds how pages look: for whoever comes by a brand's own host name before they are anybody, and for a tenant's or reseller's people.</summary>
/// <remarks>
/// Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>: a host name belongs to somebody who is not known yet. What brands there are is read at most once in
/// <see cref="Life"/>, so that strangers who try host names cost nothing.
/// </remarks>
public sealed class BrandingLookup(IPbxDatabase database, TimeProvider time) : IDisposable
{
    /// <summary>How old the known host names may be.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private volatile Known? _known;

    /// <summary>Finds the brand of a host name.</summary>
    /// <param name="host">The name, without a port.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The brand as its people see it, or <see langword="null"/>: nobody's.</returns>
    public async Task<Branding?> FindByHostAsync(string host, CancellationToken cancel) =>
        (await ReadAsync(cancel).ConfigureAwait(false)).ByHost.TryGetValue(host.TrimEnd('.'), out (Guid Owner, Branding Branding) found) ? found.Branding : null;

    /// <summary>Whether a host name is another's already.</summary>
    /// <param name="host">The name.</param>
    /// <param name="owner">The tenant or reseller who wants it.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<bool> IsTakenAsync(string host, Guid owner, CancellationToken cancel)
    {
        Forget();                                   // as it is now, not as it was
        return (await ReadAsync(cancel).ConfigureAwait(false)).ByHost.TryGetValue(host, out (Guid Owner, Branding Branding) found) && found.Owner != owner;
    }

    /// <summary>A branding was saved: the next who asks sees it, as far as this process goes; others within <see cref="Life"/>.</summary>
    public void Forget() => _known = null;

    /// <summary>How pages look for a tenant's people: what the tenant leaves open its reseller says.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<Branding?> OfTenantAsync(TenantId tenant, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            var own = await db.Tenants.AsNoTracking().Where(t => t.Id == tenant).Select(t => new { t.Branding, t.ResellerId }).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
            if (own?.ResellerId is not { } reseller)
                return own?.Branding;
            Branding? above = await db.GlobalResellers.AsNoTracking().Where(r => r.Id == reseller).Select(r => r.Branding).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
            return Over(own.Branding, above);
        }
    }

    /// <summary>How pages look for a reseller's people.</summary>
    /// <param name="reseller">The reseller.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<Branding?> OfResellerAsync(ResellerId reseller, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.GlobalResellers.AsNoTracking().Where(r => r.Id == reseller).Select(r => r.Branding).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _reading.Dispose();

    /// <summary>A brand over the one above it. A logo goes with its own name and colour: parts of two brands on one page would be neither's.</summary>
    internal static Branding? Over(Branding? own, Branding? above) => own is null || above is null ? own ?? above : own with
    {
        Name = own.Name ?? above.Name, LogoUrl = own.LogoUrl ?? (own.Name is null ? above.LogoUrl : null), Color = own.Color ?? above.Color, Host = own.Host ?? above.Host,
        SupportEmail = own.SupportEmail ?? above.SupportEmail,
    };

    private async Task<Known> ReadAsync(CancellationToken cancel)
    {
        if (_known is { } fresh && fresh.Until > time.GetUtcNow())
            return fresh;
        await _reading.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_known is { } read && read.Until > time.GetUtcNow())
                return read;
            PlatformDbContext db = database.OpenPlatform();
            await using (db.ConfigureAwait(false))
            {
                var resellers = await db.GlobalResellers.AsNoTracking().Where(r => r.Branding != null).OrderBy(r => r.Id).Select(r => new { r.Id, r.Branding }).ToListAsync(cancel).ConfigureAwait(false);
                var tenants = await db.Tenants.AsNoTracking().Where(t => t.Branding != null).OrderBy(t => t.Id).Select(t => new { t.Id, t.ResellerId, t.Branding }).ToListAsync(cancel).ConfigureAwait(false);
                Dictionary<ResellerId, Branding?> above = resellers.ToDictionary(r => r.Id, r => r.Branding);
                Dictionary<string, (Guid, Branding)> byHost = new(StringComparer.OrdinalIgnoreCase);
                // Should two have saved the same name in the same instant, the older one has it.
                foreach (var reseller in resellers)
                    Add(reseller.Branding!.Host, reseller.Id.Value, reseller.Branding);
                foreach (var tenant in tenants)
                    Add(tenant.Branding!.Host, tenant.Id.Value, Over(tenant.Branding, tenant.ResellerId is { } id ? above.GetValueOrDefault(id) : null)!);
                return _known = new Known(byHost, time.GetUtcNow() + Life);

                void Add(string? host, Guid owner, Branding branding)
                {
                    if (host is not null)
                        byHost.TryAdd(host, (owner, branding));
                }
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private sealed record Known(IReadOnlyDictionary<string, (Guid Owner, Branding Branding)> ByHost, DateTimeOffset Until);
}
