using Microsoft.EntityFrameworkCore.Migrations;

namespace CloudPbx.Data.Postgres;

/// <summary>What every PostgreSQL migration that makes a tenant's table must add. A test fails for a table without it.</summary>
internal static class MigrationSql
{
    // Without a tenant the setting is absent or empty: the comparison is null, and no row passes.
    private const string CurrentTenant = "nullif(current_setting('app.tenant_id', true), '')::uuid";

    /// <summary>Gives the app role its rights on a table and lets it see the current tenant's rows only.</summary>
    public static void ProtectTenantTable(this MigrationBuilder migration, string table, string tenantColumn = "tenant_id") => migration.Sql(
        $"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY tenant ON {table} USING ({tenantColumn} = {CurrentTenant}) WITH CHECK ({tenantColumn} = {CurrentTenant});
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {PostgresRoles.App}, {PostgresRoles.Platform};
        """);

    /// <summary>Keeps a table that is no tenant's out of the app role's reach: no right, no policy, and so no row.</summary>
    public static void ProtectGlobalTable(this MigrationBuilder migration, string table) => migration.Sql(
        $"""
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {PostgresRoles.Platform};
        """);

    /// <summary>Lets the app role read the row of such a table whose identifier takes the current tenant's place, and no other.</summary>
    public static void LetKeeperRead(this MigrationBuilder migration, string table) => migration.Sql(
        $"""
        CREATE POLICY keeper ON {table} FOR SELECT TO {PostgresRoles.App} USING (id = {CurrentTenant});
        GRANT SELECT ON {table} TO {PostgresRoles.App};
        """);

    /// <summary>Takes back what <see cref="LetKeeperRead"/> gave.</summary>
    public static void LetNobodyRead(this MigrationBuilder migration, string table) => migration.Sql(
        $"""
        REVOKE SELECT ON {table} FROM {PostgresRoles.App};
        DROP POLICY keeper ON {table};
        """);

    /// <summary>Lets the services compare the schema with their build.</summary>
    public static void GrantHistory(this MigrationBuilder migration) =>
        migration.Sql($"GRANT SELECT ON \"__EFMigrationsHistory\" TO {PostgresRoles.App}, {PostgresRoles.Platform};");
}
