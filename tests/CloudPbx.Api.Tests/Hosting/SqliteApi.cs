using CloudPbx.Data.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>The API on a SQLite file.</summary>
public sealed class SqliteApi : TestApi
{
    private string _path = "";

    public override async Task<IAsyncDisposable> LockAsync()
    {
        SqliteConnection other = new($"Data Source={_path};Pooling=false");
        await other.OpenAsync(TestContext.Current.CancellationToken);
        other.BeginTransaction();                                                       // holds the only write lock until the connection closes
        return other;
    }

    protected override Task<string?> AddDataAsync(WebApplicationBuilder builder, string folder)
    {
        _path = Path.Combine(folder, "test.db");
        builder.Configuration["Sqlite:Path"] = _path;
        builder.AddSqliteData();
        return Task.FromResult<string?>(null);
    }

    protected override Task RemoveDataAsync()
    {
        SqliteConnection.ClearAllPools();
        return Task.CompletedTask;
    }
}
