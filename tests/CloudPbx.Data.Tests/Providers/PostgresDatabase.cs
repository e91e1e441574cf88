using CloudPbx.Data.Postgres;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace CloudPbx.Data.Tests.Providers;

/// <summary>A fresh database on the server that <c>PBX_TEST_POSTGRES</c> names (a superuser's connection string), with the three roles of an installation.</summary>
public sealed class PostgresDatabase : TestDatabase
{
    private const string Password = "cloudpbx-test";

    private readonly string? _administrator = Environment.GetEnvironmentVariable("PBX_TEST_POSTGRES");
    private readonly string _name = $"cloudpbx_test_{Guid.NewGuid():N}";

    protected override string WhyAbsent => "PBX_TEST_POSTGRES is not set: no PostgreSQL to test on.";

    public string ConnectionAs(string role) =>
        new NpgsqlConnectionStringBuilder(_administrator) { Database = _name, Username = role, Password = Password, Pooling = false }.ToString();

    public string AdministratorConnection => new NpgsqlConnectionStringBuilder(_administrator) { Database = _name, Pooling = false }.ToString();

    protected override async Task<bool> PrepareAsync(HostApplicationBuilder builder, string folder)
    {
        if (string.IsNullOrEmpty(_administrator))
            return false;
        await PostgresRoles.PrepareAsync(_administrator, _name, _ => Password, TestContext.Current.CancellationToken);
        builder.Configuration["Postgres:Connection"] = ConnectionAs(PostgresRoles.App);
        builder.Configuration["Postgres:PlatformConnection"] = ConnectionAs(PostgresRoles.Platform);
        builder.Configuration["Postgres:OwnerConnection"] = ConnectionAs(PostgresRoles.Owner);
        builder.AddPostgresData();
        return true;
    }

    public override async Task ExecuteAsOwnerAsync(string statement)
    {
        await using NpgsqlConnection connection = new(ConnectionAs(PostgresRoles.Owner));
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using NpgsqlCommand command = new(statement, connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    protected override async Task CleanUpAsync()
    {
        if (string.IsNullOrEmpty(_administrator))
            return;
        NpgsqlConnection.ClearAllPools();
        await using NpgsqlConnection connection = new(_administrator);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new($"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync();
    }
}
