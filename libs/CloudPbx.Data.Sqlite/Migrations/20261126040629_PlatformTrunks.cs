using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
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
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "global_trunks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    name = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    details = table.Column<string>(type: "TEXT", nullable: false),
                    sources = table.Column<string>(type: "TEXT", nullable: false),
                    version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_trunks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "global_numbers",
                columns: table => new
                {
                    number = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    trunk_id = table.Column<Guid>(type: "TEXT", nullable: false)
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
