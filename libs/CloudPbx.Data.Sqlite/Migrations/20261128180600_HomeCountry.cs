using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <summary>Tenants that are there already may call what they might before (infra/decisions/0019-home-country.md). Running it twice does no harm.</summary>
    public partial class HomeCountry : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(
                """
                UPDATE outside_calling
                    SET settings = json_patch(settings, '{"limits":{"allowAllCountries":true}}')
                    WHERE json_extract(settings, '$.limits.allowedCountries') IS NULL;
                INSERT INTO outside_calling (tenant_id, settings, version)
                    SELECT id, '{"limits":{"allowAllCountries":true}}', id FROM tenants WHERE NOT EXISTS (SELECT 1 FROM outside_calling WHERE tenant_id = tenants.id);
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
