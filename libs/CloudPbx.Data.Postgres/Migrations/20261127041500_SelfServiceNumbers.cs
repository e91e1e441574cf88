using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class SelfServiceNumbers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "max_numbers",
                table: "tenants",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "max_numbers",
                table: "global_plans",
                type: "integer",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "self_service",
                table: "global_numbers",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "max_numbers",
                table: "tenants");

            migrationBuilder.DropColumn(
                name: "max_numbers",
                table: "global_plans");

            migrationBuilder.DropColumn(
                name: "self_service",
                table: "global_numbers");
        }
    }
}
