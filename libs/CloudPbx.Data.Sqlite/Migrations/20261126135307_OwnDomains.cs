using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class OwnDomains : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<int>(
                name: "recording_days",
                table: "tenants",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "domain_claims",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    token = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    created_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_domain_claims", x => new { x.tenant_id, x.name });
                    table.ForeignKey(
                        name: "fk_domain_claims_tenants",
                        column: x => x.tenant_id,
                        principalTable: "tenants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_call_records_tenant_id_answered_by",
                table: "call_records",
                columns: new[] { "tenant_id", "answered_by" });

            migrationBuilder.CreateIndex(
                name: "ix_call_records_tenant_id_called_number",
                table: "call_records",
                columns: new[] { "tenant_id", "called_number" });

            migrationBuilder.CreateIndex(
                name: "ix_call_records_tenant_id_caller_number",
                table: "call_records",
                columns: new[] { "tenant_id", "caller_number" });

            migrationBuilder.CreateIndex(
                name: "ix_call_records_tenant_id_trunk_number",
                table: "call_records",
                columns: new[] { "tenant_id", "trunk_number" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "domain_claims");

            migrationBuilder.DropIndex(
                name: "ix_call_records_tenant_id_answered_by",
                table: "call_records");

            migrationBuilder.DropIndex(
                name: "ix_call_records_tenant_id_called_number",
                table: "call_records");

            migrationBuilder.DropIndex(
                name: "ix_call_records_tenant_id_caller_number",
                table: "call_records");

            migrationBuilder.DropIndex(
                name: "ix_call_records_tenant_id_trunk_number",
                table: "call_records");

            migrationBuilder.DropColumn(
                name: "recording_days",
                table: "tenants");
        }
    }
}
