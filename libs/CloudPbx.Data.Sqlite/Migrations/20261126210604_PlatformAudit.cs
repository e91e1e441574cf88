using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class PlatformAudit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "max_storage_megabytes",
                table: "tenants",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "storage_full",
                table: "tenants",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<int>(
                name: "max_storage_megabytes",
                table: "global_plans",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "outside_minutes_per_day",
                table: "global_plans",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "global_audit_entries",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    reseller_id = table.Column<Guid>(type: "TEXT", nullable: true),
                    at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    actor = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    actor_name = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    action = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    target = table.Column<string>(type: "TEXT", maxLength: 300, nullable: false),
                    status = table.Column<int>(type: "INTEGER", nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_audit_entries", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_global_audit_entries_reseller_id_id",
                table: "global_audit_entries",
                columns: new[] { "reseller_id", "id" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "global_audit_entries");

            migrationBuilder.DropColumn(
                name: "max_storage_megabytes",
                table: "tenants");

            migrationBuilder.DropColumn(
                name: "storage_full",
                table: "tenants");

            migrationBuilder.DropColumn(
                name: "max_storage_megabytes",
                table: "global_plans");

            migrationBuilder.DropColumn(
                name: "outside_minutes_per_day",
                table: "global_plans");
        }
    }
}
