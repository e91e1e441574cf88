using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.SignInProviders;

/// <summary>Finds whose provider somebody means who has not signed in yet, by what they type.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>: a sign-in has no tenant yet.</remarks>
public sealed class SignInProviderLookup(IPbxDatabase database)
{
    /// <summary>Whether any tenant has one: else nobody is asked for their company.</summary>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<bool> AnyAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.SignInProviders.AnyAsync(p => p.Enabled, cancel).ConfigureAwait(false);
    }

    /// <summary>Finds the tenant whose provider is to be asked.</summary>
    /// <param name="typed">A mail address or a tenant's name.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The tenant, or <see langword="null"/>: nobody's, or not clear whose.</returns>
    /// <remarks>
    /// A domain may be named by anybody: who has an account is led to the provider of their own tenant only, never to one that merely claims their domain. Who has none is led on like one
    /// who has, where a single tenant names the domain.
    /// </remarks>
    public async Task<TenantId?> FindAsync(string typed, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<SignInProvider> providers = db.SignInProviders.Where(p => p.Enabled);
            int at = typed.LastIndexOf('@');
            if (at < 0)
            {
                string tenantName = typed.ToLowerInvariant();
                return await providers.Where(p => db.Tenants.Any(t => t.Id == p.TenantId && t.Name == tenantName)).Select(p => (TenantId?)p.TenantId).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
            }
            (string domain, string name) = (typed[(at + 1)..].ToLowerInvariant(), typed.ToUpperInvariant());
            List<TenantId> claiming = await providers.Where(p => p.MailDomain == domain).Select(p => p.TenantId).ToListAsync(cancel).ConfigureAwait(false);
            if (claiming.Count == 0)
                return null;
            var known = await db.GlobalUsers.Where(u => u.NormalizedUserName == name).Select(u => new { u.TenantId }).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
            if (known is null)
                return claiming.Count == 1 ? claiming[0] : null;
            return known.TenantId is { } own && claiming.Contains(own) ? own : null;
        }
    }
}
