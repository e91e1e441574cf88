using Npgsql;

namespace CloudPbx.Data.Postgres;

/// <summary>Makes the three roles and the database, as a superuser, once per installation. What a cluster's operator may do by hand instead stands in the README.</summary>
public static class PostgresRoles
{
    /// <summary>Owns the tables; migrations run as this role. Row-level security is forced upon it too.</summary>
    public const string Owner = "cloudpbx_owner";

    /// <summary>What the services run as: neither owner nor superuser, without BYPASSRLS.</summary>
    public const string App = "cloudpbx_app";

    /// <summary>Sees all tenants (BYPASSRLS); used by <see cref="PlatformDbContext"/> only.</summary>
    public const string Platform = "cloudpbx_platform";

    // Any number of our own: two that prepare at once wait for each other instead of failing on the catalogue.
    private const long AdvisoryLock = 0x636C_6F75_6470_6278;

    /// <summary>Makes the roles, sets their passwords, makes the database if it is missing.</summary>
    /// <param name="administratorConnection">As a superuser, to any database of the server.</param>
    /// <param name="database">The database's name.</param>
    /// <param name="password">Gives a role's password.</param>
    /// <param name="cancel">Stops between two statements.</param>
    public static async Task PrepareAsync(string administratorConnection, string database, Func<string, string> password, CancellationToken cancel)
    {
        NpgsqlConnection connection = new(new NpgsqlConnectionStringBuilder(administratorConnection) { Pooling = false }.ToString());
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            await ExecuteAsync(connection, $"select pg_advisory_lock({AdvisoryLock})", cancel).ConfigureAwait(false);
            foreach ((string role, string attributes) in new[]
            {
                (Owner, "NOSUPERUSER NOBYPASSRLS"), (App, "NOSUPERUSER NOBYPASSRLS"), (Platform, "NOSUPERUSER BYPASSRLS"),
            })
            {
                string verb = await ExistsAsync(connection, "select 1 from pg_roles where rolname = @name", role, cancel).ConfigureAwait(false) ? "ALTER" : "CREATE";
                await ExecuteAsync(
                    connection, $"{verb} ROLE {role} LOGIN NOCREATEDB NOCREATEROLE {attributes} PASSWORD {Literal(password(role))}", cancel).ConfigureAwait(false);
            }
            if (!await ExistsAsync(connection, "select 1 from pg_database where datname = @name", database, cancel).ConfigureAwait(false))
                await ExecuteAsync(connection, $"CREATE DATABASE {Identifier(database)} OWNER {Owner}", cancel).ConfigureAwait(false);
        }
    }

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string sql, string name, CancellationToken cancel)
    {
        NpgsqlCommand command = new(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.AddWithValue("name", name);
            return await command.ExecuteScalarAsync(cancel).ConfigureAwait(false) is not null;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
#pragma warning disable CA2100 // Utility statements take no parameters; names and literals are quoted here.
        NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
    }

    private static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
