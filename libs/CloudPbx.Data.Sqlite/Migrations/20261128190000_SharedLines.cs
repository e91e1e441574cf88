using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <summary>Shared trunks may be registered; those that are there are known by their addresses.</summary>
    public partial class SharedLines : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "kind",
                table: "global_trunks",
                type: "TEXT",
                maxLength: 16,
                nullable: false,
                defaultValue: "Ip");

            migrationBuilder.AddColumn<long>(
                name: "revision",
                table: "global_trunks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "revision",
                table: "global_trunks");

            migrationBuilder.DropColumn(
                name: "kind",
                table: "global_trunks");
        }
    }
}
