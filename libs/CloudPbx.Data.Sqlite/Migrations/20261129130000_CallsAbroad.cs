using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <summary>Tenants that are there already may make as many calls abroad at once as before. Running it twice does no harm.</summary>
    public partial class CallsAbroad : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                UPDATE outside_calling
                    SET settings = json_patch(settings, '{"limits":{"maxCallsAbroad":100000}}')
                    WHERE json_extract(settings, '$.limits.maxCallsAbroad') IS NULL;
                UPDATE outside_calling
                    SET settings = json_patch(settings, '{"limits":{"maxCallsAbroadPerExtension":100000}}')
                    WHERE json_extract(settings, '$.limits.maxCallsAbroadPerExtension') IS NULL;
                INSERT INTO outside_calling (tenant_id, settings, version)
                    SELECT id, '{"limits":{"maxCallsAbroad":100000,"maxCallsAbroadPerExtension":100000}}', id FROM tenants WHERE NOT EXISTS (SELECT 1 FROM outside_calling WHERE tenant_id = tenants.id);
                UPDATE tenants SET config_version = config_version + 1;
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // The version before does not know the member.
        }
    }
}
