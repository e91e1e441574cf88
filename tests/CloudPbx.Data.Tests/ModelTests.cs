using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CloudPbx.Data.Tests;

public sealed class ModelTests
{
    public static TheoryData<string> Providers => ["sqlite", "postgres"];

    [Theory]
    [MemberData(nameof(Providers))]
    public void The_migrations_match_the_model(string provider)
    {
        using PbxDbContext db = Open(provider);
        Assert.False(db.Database.HasPendingModelChanges(), "Run: dotnet ef migrations add NAME, in both provider projects.");
    }

    [Fact]
    public void The_tenant_leads_every_key_and_index_of_what_a_tenant_owns()
    {
        using PbxDbContext db = Open("sqlite");
        foreach (IEntityType entity in db.Model.GetEntityTypes().Where(e => e.ClrType != typeof(Tenant)))
        {
            if (entity.ClrType.Name.StartsWith("Global", StringComparison.Ordinal))
            {
                Assert.NotEmpty(entity.GetDeclaredQueryFilters());                      // nobody's, and the name says so: no tenant sees a row
                continue;
            }
            Assert.True(typeof(ITenantOwned).IsAssignableFrom(entity.ClrType), entity.Name);
            Assert.NotEmpty(entity.GetDeclaredQueryFilters());
            foreach (IReadOnlyList<IProperty> columns in entity.GetKeys().Select(k => k.Properties).Concat(entity.GetIndexes().Select(i => i.Properties)))
            {
                if (entity.ClrType == typeof(TenantDomain) && columns[0].Name == nameof(TenantDomain.Name))
                    continue;                                                           // a domain has one owner on the whole platform
                if (entity.ClrType == typeof(PhoneNumber) && columns[0].Name == nameof(PhoneNumber.Number))
                    continue;                                                           // and so has a telephone number
                Assert.Equal(nameof(ITenantOwned.TenantId), columns[0].Name);
            }
        }
    }

    private static PbxDbContext Open(string provider) => provider == "sqlite"
        ? new Sqlite.DesignTimeContext().CreateDbContext([])
        : new Postgres.DesignTimeContext().CreateDbContext([]);
}
