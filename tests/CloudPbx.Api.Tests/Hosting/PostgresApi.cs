using CloudPbx.Data.Postgres;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace CloudPbx.Api.Tests.Hosting;

/// <summary>The API on a fresh database of the server that <c>PBX_TEST_POSTGRES</c> names.</summary>
public class PostgresApi : TestApi
{
    private const string Password = "cloudpbx-test";

    private readonly string? _administrator = Environment.GetEnvironmentVariable("PBX_TEST_POSTGRES");
    private readonly string _name = $"cloudpbx_test_{Guid.NewGuid():N}";

    public override async Task<IAsyncDisposable> LockAsync()
    {
        NpgsqlConnection admin = new(_administrator);
        await admin.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(admin, $"ALTER DATABASE {_name} CONNECTION LIMIT 0");
        await ExecuteAsync(admin, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{_name}'");
        return new Unlocking(admin, _name);
    }

    protected override async Task<string?> AddDataAsync(WebApplicationBuilder builder, string folder)
    {
        if (string.IsNullOrEmpty(_administrator))
            return "PBX_TEST_POSTGRES is not set: no PostgreSQL to test on.";
        await PostgresRoles.PrepareAsync(_administrator, _name, _ => Password, TestContext.Current.CancellationToken);
        builder.Configuration["Postgres:Connection"] = ConnectionAs(PostgresRoles.App);
        builder.Configuration["Postgres:PlatformConnection"] = ConnectionAs(PostgresRoles.Platform);
        builder.Configuration["Postgres:OwnerConnection"] = ConnectionAs(PostgresRoles.Owner);
        builder.AddPostgresData();
        return null;
    }

    protected override async Task RemoveDataAsync()
    {
        if (string.IsNullOrEmpty(_administrator))
            return;
        NpgsqlConnection.ClearAllPools();
        await using NpgsqlConnection connection = new(_administrator);
        await connection.OpenAsync();
        await ExecuteAsync(connection, $"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private string ConnectionAs(string role) =>
        new NpgsqlConnectionStringBuilder(_administrator) { Database = _name, Username = role, Password = Password }.ToString();

    private sealed class Unlocking(NpgsqlConnection admin, string name) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await ExecuteAsync(admin, $"ALTER DATABASE {name} CONNECTION LIMIT -1");
            await admin.DisposeAsync();
        }
    }
}
