using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
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
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "max_numbers",
                table: "global_plans",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "self_service",
                table: "global_numbers",
                type: "INTEGER",
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
