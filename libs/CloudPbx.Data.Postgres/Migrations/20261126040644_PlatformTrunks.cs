using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class PlatformTrunks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "global_trunk_id",
                table: "trunks",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "global_trunks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    details = table.Column<string>(type: "text", nullable: false),
                    sources = table.Column<string>(type: "text", nullable: false),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_trunks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "global_numbers",
                columns: table => new
                {
                    number = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    trunk_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_numbers", x => x.number);
                    table.ForeignKey(
                        name: "fk_global_numbers_global_trunks",
                        column: x => x.trunk_id,
                        principalTable: "global_trunks",
                        principalColumn: "id");
                });

            migrationBuilder.CreateIndex(
                name: "ix_global_numbers_trunk_id",
                table: "global_numbers",
                column: "trunk_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_trunks_name",
                table: "global_trunks",
                column: "name",
                unique: true);

            migrationBuilder.ProtectGlobalTable("global_trunks");
            migrationBuilder.ProtectGlobalTable("global_numbers");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "global_numbers");

            migrationBuilder.DropTable(
                name: "global_trunks");

            migrationBuilder.DropColumn(
                name: "global_trunk_id",
                table: "trunks");
        }
    }
}
