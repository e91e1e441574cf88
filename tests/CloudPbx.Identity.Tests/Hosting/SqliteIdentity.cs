using CloudPbx.Data.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>Identity on a SQLite file.</summary>
public sealed class SqliteIdentity : TestIdentity
{
    private string _path = "";

    public override Task<string> DumpAsync()
    {
        SqliteConnection.ClearAllPools();
        return Task.FromResult(System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(_path)));
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
