using CloudPbx.Contracts.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Postgres;

internal sealed class PostgresSchema(DbContextOptions<PbxDbContext> contextOptions, IDatabaseFaults faults, IOptions<PostgresOptions> options) : IDatabaseSchema
{
    public async Task MigrateAsync(CancellationToken cancel)
    {
        string owner = options.Value.OwnerConnection ?? throw PostgresOptions.Missing(nameof(PostgresOptions.OwnerConnection), PostgresRoles.Owner);
        DbContextOptionsBuilder<PbxDbContext> builder = new();
        PostgresDataExtensions.UseTenant(builder, owner);
        PbxDbContext db = new(builder.Options, new TenantContext(), faults);
        await using (db.ConfigureAwait(false))
        {
            db.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));                    // an index on a big table takes its time
            await db.Database.MigrateAsync(cancel).ConfigureAwait(false);
        }
    }

    public async Task<string?> FindMismatchAsync(CancellationToken cancel)
    {
        PbxDbContext db = new(contextOptions, new TenantContext(), faults);
        await using (db.ConfigureAwait(false))
        {
            string[] applied = [.. await db.Database.GetAppliedMigrationsAsync(cancel).ConfigureAwait(false)];
            return SchemaComparison.Describe(applied, [.. db.Database.GetMigrations()]);
        }
    }
}
