using Microsoft.EntityFrameworkCore.Migrations;

namespace CloudPbx.Data.Postgres;

/// <summary>
/// The tables in which the workers' cluster keeps its membership. Orleans (Microsoft.Orleans.Clustering.AdoNet 10.4) reads the statements themselves from
/// <c>OrleansQuery</c> and fixes only their keys, their parameters' names and the names of the columns they give; the rest is ours.
/// </summary>
internal static class OrleansMembership
{
    private const string Member = "deployment_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation";

    private const string ReadColumns =
        "v.deployment_id AS DeploymentId, m.address AS Address, m.port AS Port, m.generation AS Generation, m.silo_name AS SiloName, m.host_name AS HostName, "
        + "m.status AS Status, m.proxy_port AS ProxyPort, m.suspect_times AS SuspectTimes, m.start_time AS StartTime, m.alive_at AS IAmAliveTime, v.version AS Version";

    // Every write of a member goes with a step of the table's version, or not at all: the row of the version is what concurrent silos wait for.
    private static readonly (string Key, string Sql)[] s_statements =
    [
        ("InsertMembershipVersionKey",
            "WITH made AS (INSERT INTO orleans_membership_versions (deployment_id) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1) SELECT count(*)::int FROM made"),
        ("InsertMembershipKey",
            $"""
            WITH stepped AS (
                UPDATE orleans_membership_versions SET version = version + 1, changed_at = now()
                WHERE deployment_id = @DeploymentId AND version = @Version AND NOT EXISTS (SELECT 1 FROM orleans_members WHERE {Member})
                RETURNING 1),
            made AS (
                INSERT INTO orleans_members (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, alive_at)
                SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM stepped
                RETURNING 1)
            SELECT count(*)::int FROM made
            """),
        ("UpdateMembershipKey",
            $"""
            WITH stepped AS (
                UPDATE orleans_membership_versions SET version = version + 1, changed_at = now()
                WHERE deployment_id = @DeploymentId AND version = @Version AND EXISTS (SELECT 1 FROM orleans_members WHERE {Member})
                RETURNING 1),
            changed AS (
                UPDATE orleans_members SET status = @Status, suspect_times = @SuspectTimes, alive_at = @IAmAliveTime
                WHERE {Member} AND EXISTS (SELECT 1 FROM stepped)
                RETURNING 1)
            SELECT count(*)::int FROM changed
            """),
        ("UpdateIAmAlivetimeKey", $"UPDATE orleans_members SET alive_at = @IAmAliveTime WHERE {Member}"),
        ("MembershipReadRowKey",
            $"""
            SELECT {ReadColumns} FROM orleans_membership_versions v
            LEFT JOIN orleans_members m ON m.deployment_id = v.deployment_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
            WHERE v.deployment_id = @DeploymentId
            """),
        ("MembershipReadAllKey",
            $"SELECT {ReadColumns} FROM orleans_membership_versions v LEFT JOIN orleans_members m ON m.deployment_id = v.deployment_id WHERE v.deployment_id = @DeploymentId"),
        ("GatewaysQueryKey",
            "SELECT address AS Address, proxy_port AS ProxyPort, generation AS Generation FROM orleans_members WHERE deployment_id = @DeploymentId AND status = @Status AND proxy_port > 0"),
        // Status 3 is Active: a silo that still counts as active is never swept.
        ("CleanupDefunctSiloEntriesKey", "DELETE FROM orleans_members WHERE deployment_id = @DeploymentId AND alive_at < @IAmAliveTime AND status <> 3"),
        ("DeleteMembershipTableEntriesKey",
            "WITH gone AS (DELETE FROM orleans_members WHERE deployment_id = @DeploymentId) DELETE FROM orleans_membership_versions WHERE deployment_id = @DeploymentId"),
    ];

    /// <summary>Makes the tables and fills in the statements.</summary>
    public static void CreateOrleansMembership(this MigrationBuilder migration)
    {
        migration.Sql(
            $"""
            CREATE TABLE orleans_membership_versions (
                deployment_id character varying(150) PRIMARY KEY,
                version integer NOT NULL DEFAULT 0,
                changed_at timestamp with time zone NOT NULL DEFAULT now());
            CREATE TABLE orleans_members (
                deployment_id character varying(150) NOT NULL REFERENCES orleans_membership_versions (deployment_id),
                address character varying(45) NOT NULL,
                port integer NOT NULL,
                generation integer NOT NULL,
                silo_name character varying(150) NOT NULL,
                host_name character varying(150) NOT NULL,
                status integer NOT NULL,
                proxy_port integer,
                suspect_times character varying(8000),
                start_time timestamp with time zone NOT NULL,
                alive_at timestamp with time zone NOT NULL,
                PRIMARY KEY (deployment_id, address, port, generation));
            CREATE TABLE OrleansQuery (QueryKey character varying(64) PRIMARY KEY, QueryText character varying(8000) NOT NULL);
            GRANT SELECT, INSERT, UPDATE, DELETE ON orleans_membership_versions, orleans_members TO {PostgresRoles.App};
            GRANT SELECT ON OrleansQuery TO {PostgresRoles.App};
            """);
        foreach ((string key, string sql) in s_statements)
            migration.Sql($"INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES ('{key}', $orleans${sql}$orleans$);");
    }

    /// <summary>Removes them.</summary>
    public static void DropOrleansMembership(this MigrationBuilder migration) =>
        migration.Sql("DROP TABLE OrleansQuery; DROP TABLE orleans_members; DROP TABLE orleans_membership_versions;");
}
