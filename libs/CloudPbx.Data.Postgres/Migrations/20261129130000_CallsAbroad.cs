using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Postgres.Migrations
{
    /// <summary>Tenants that are there already may make as many calls abroad at once as before. Running it twice does no harm.</summary>
    public partial class CallsAbroad : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // The owner sees no rows as long as the policies are forced on it, too.
            migrationBuilder.Sql(
                """
                ALTER TABLE outside_calling NO FORCE ROW LEVEL SECURITY;
                ALTER TABLE tenants NO FORCE ROW LEVEL SECURITY;
                UPDATE outside_calling
                    SET settings = (settings::jsonb || jsonb_build_object(
                        'limits', '{"maxCallsAbroad": 100000, "maxCallsAbroadPerExtension": 100000}'::jsonb || coalesce(settings::jsonb -> 'limits', '{}'::jsonb)))::text;
                INSERT INTO outside_calling (tenant_id, settings, version)
                    SELECT id, '{"limits":{"maxCallsAbroad":100000,"maxCallsAbroadPerExtension":100000}}', id FROM tenants WHERE NOT EXISTS (SELECT 1 FROM outside_calling WHERE tenant_id = tenants.id);
                UPDATE tenants SET config_version = config_version + 1;
                ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
                ALTER TABLE outside_calling FORCE ROW LEVEL SECURITY;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // The version before does not know the member.
        }
    }
}
