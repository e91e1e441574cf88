using CloudPbx.Data.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;

namespace CloudPbx.Data.Tests.Providers;

/// <summary>A SQLite file.</summary>
public sealed class SqliteDatabase : TestDatabase
{
    protected override string WhyAbsent => "SQLite is always there.";

    protected override Task<bool> PrepareAsync(HostApplicationBuilder builder, string folder)
    {
        builder.Configuration["Sqlite:Path"] = Path.Combine(folder, "test.db");
        builder.AddSqliteData();
        return Task.FromResult(true);
    }

    public override async Task ExecuteAsOwnerAsync(string statement)
    {
        await using PlatformDbContext db = Pbx.OpenPlatform();
        await db.Database.ExecuteSqlRawAsync(statement, TestContext.Current.CancellationToken);
    }

    protected override Task CleanUpAsync()
    {
        SqliteConnection.ClearAllPools();
        return Task.CompletedTask;
    }
}
