using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Trunks;

namespace CloudPbx.Data.Tenants;

/// <summary>What a new tenant consists of.</summary>
public static class TenantCreation
{
    /// <summary>Adds a tenant with its data key and its sequence to the context of that tenant; the caller saves.</summary>
    /// <param name="db">A context whose tenant is the new one's identifier.</param>
    /// <param name="keyring">Makes the data key.</param>
    /// <param name="name">Its name.</param>
    /// <param name="language">Its language (BCP 47).</param>
    /// <param name="createdAt">The present instant, UTC.</param>
    /// <param name="emergencyNumbers">The emergency numbers that it begins with; <see langword="null"/>: those of its language.</param>
    /// <returns>The tenant, its data key.</returns>
    public static (Tenant Tenant, TenantKey Key) AddTenant(this PbxDbContext db, TenantKeyring keyring, string name, string language, DateTime createdAt, IReadOnlyList<string>? emergencyNumbers = null)
    {
        Tenant tenant = new() { Id = db.CurrentTenant, Name = name, Language = language, CreatedAt = createdAt };
        TenantKey key = keyring.CreateKey(tenant.Id);
        db.Tenants.Add(tenant);
        db.TenantKeys.Add(new WrappedTenantKey { TenantId = tenant.Id, Wrapped = key.Wrapped.ToArray() });
        db.TenantSequences.Add(new TenantSequence { TenantId = tenant.Id });
        if (emergencyNumbers is not null)
            db.OutsideCalling.Add(new OutsideCallingRow { TenantId = tenant.Id, Settings = new OutsideCalling { EmergencyNumbers = emergencyNumbers } });
        return (tenant, key);
    }
}
