using CloudPbx.Contracts.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Postgres;

internal sealed class PostgresSchema(DbContextOptions<PbxDbContext> contextOptions, IPbxDatabase database, IDatabaseFaults faults, IOptions<PostgresOptions> options) : IDatabaseSchema
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

    public async Task<int> ExtendAsync(CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await db.Database.SqlQuery<int>($"SELECT cloudpbx_add_call_record_partitions(now(), {CallRecordPartitions.MonthsAhead + 1}) AS \"Value\"").SingleAsync(cancel).ConfigureAwait(false);
    }
}
