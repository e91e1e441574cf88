using CloudPbx.Contracts.Tenancy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CloudPbx.Data.Sqlite;

internal sealed class SqliteSchema(DbContextOptions<PbxDbContext> contextOptions, IDatabaseFaults faults, IOptions<SqliteOptions> options) : IDatabaseSchema
{
    public async Task MigrateAsync(CancellationToken cancel)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(options.Value.Path)) is { } folder)
            Directory.CreateDirectory(folder);
        PbxDbContext db = Open();
        await using (db.ConfigureAwait(false))
            await db.Database.MigrateAsync(cancel).ConfigureAwait(false);
    }

    public async Task<string?> FindMismatchAsync(CancellationToken cancel)
    {
        if (!File.Exists(options.Value.Path))
            return $"There is no database at {Path.GetFullPath(options.Value.Path)}. Run Api --migrate.";
        PbxDbContext db = Open();
        await using (db.ConfigureAwait(false))
        {
            string[] applied = [.. await db.Database.GetAppliedMigrationsAsync(cancel).ConfigureAwait(false)];
            return SchemaComparison.Describe(applied, [.. db.Database.GetMigrations()]);
        }
    }

    private PbxDbContext Open() => new(contextOptions, new TenantContext(), faults);

    /// <summary>SQLite has no partitions.</summary>
    public Task<int> ExtendAsync(CancellationToken cancel) => Task.FromResult(0);
}
