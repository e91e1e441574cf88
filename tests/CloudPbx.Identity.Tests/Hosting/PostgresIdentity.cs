using System.Text;
using CloudPbx.Data.Postgres;
using Microsoft.AspNetCore.Builder;
using Npgsql;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>Identity on a fresh database of the server that <c>PBX_TEST_POSTGRES</c> names.</summary>
public sealed class PostgresIdentity : TestIdentity
{
    private const string RolePassword = "cloudpbx-test";

    private readonly string? _administrator = Environment.GetEnvironmentVariable("PBX_TEST_POSTGRES");
    private readonly string _name = $"cloudpbx_test_{Guid.NewGuid():N}";

    public override async Task<string> DumpAsync()
    {
        StringBuilder dump = new();
        await using NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(_administrator) { Database = _name, Pooling = false }.ToString());
        await connection.OpenAsync();
        foreach (string table in new[] { "global_users", "global_keys", "global_clients", "global_tokens", "global_one_time_links" })
        {
            await using NpgsqlCommand command = new($"select t::text from {table} t", connection);
            await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
                dump.AppendLine(reader.GetString(0));
        }
        return dump.ToString();
    }

    protected override async Task<string?> AddDataAsync(WebApplicationBuilder builder, string folder)
    {
        if (string.IsNullOrEmpty(_administrator))
            return "PBX_TEST_POSTGRES is not set: no PostgreSQL to test on.";
        await PostgresRoles.PrepareAsync(_administrator, _name, _ => RolePassword, TestContext.Current.CancellationToken);
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
        await using NpgsqlCommand command = new($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync();
    }

    private string ConnectionAs(string role) => new NpgsqlConnectionStringBuilder(_administrator) { Database = _name, Username = role, Password = RolePassword }.ToString();
}
