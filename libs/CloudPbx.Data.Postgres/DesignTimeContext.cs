using CloudPbx.Contracts.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CloudPbx.Data.Postgres;

/// <summary>What <c>dotnet ef migrations add NAME</c> in this folder works with; no database is opened.</summary>
internal sealed class DesignTimeContext : IDesignTimeDbContextFactory<PbxDbContext>
{
    public PbxDbContext CreateDbContext(string[] args) =>
        new(
            new DbContextOptionsBuilder<PbxDbContext>().UseNpgsql("Host=localhost", PostgresDataExtensions.Migrations).Options,
            new TenantContext(),
            new PostgresFaults());
}
