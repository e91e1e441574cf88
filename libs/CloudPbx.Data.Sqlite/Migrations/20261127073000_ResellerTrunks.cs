using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class ResellerTrunks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_global_trunks_name",
                table: "global_trunks");

            migrationBuilder.AddColumn<bool>(
                name: "of_reseller",
                table: "trunks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<Guid>(
                name: "reseller_id",
                table: "global_trunks",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_global_trunks_name",
                table: "global_trunks",
                column: "name",
                unique: true,
                filter: "reseller_id IS NULL");

            migrationBuilder.CreateIndex(
                name: "ix_global_trunks_reseller_id_name",
                table: "global_trunks",
                columns: new[] { "reseller_id", "name" },
                unique: true);

            migrationBuilder.AddForeignKey(
                name: "fk_global_trunks_global_resellers",
                table: "global_trunks",
                column: "reseller_id",
                principalTable: "global_resellers",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_global_trunks_global_resellers",
                table: "global_trunks");

            migrationBuilder.DropIndex(
                name: "ix_global_trunks_name",
                table: "global_trunks");

            migrationBuilder.DropIndex(
                name: "ix_global_trunks_reseller_id_name",
                table: "global_trunks");

            migrationBuilder.DropColumn(
                name: "of_reseller",
                table: "trunks");

            migrationBuilder.DropColumn(
                name: "reseller_id",
                table: "global_trunks");

            migrationBuilder.CreateIndex(
                name: "ix_global_trunks_name",
                table: "global_trunks",
                column: "name",
                unique: true);
        }
    }
}
