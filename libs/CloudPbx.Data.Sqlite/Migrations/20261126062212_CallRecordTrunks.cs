using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class CallRecordTrunks : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "cost_micro_units",
                table: "call_records",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "trunk_id",
                table: "call_records",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "trunk_name",
                table: "call_records",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "trunk_number",
                table: "call_records",
                type: "TEXT",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "trunk_status",
                table: "call_records",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "cost_micro_units",
                table: "call_records");

            migrationBuilder.DropColumn(
                name: "trunk_id",
                table: "call_records");

            migrationBuilder.DropColumn(
                name: "trunk_name",
                table: "call_records");

            migrationBuilder.DropColumn(
                name: "trunk_number",
                table: "call_records");

            migrationBuilder.DropColumn(
                name: "trunk_status",
                table: "call_records");
        }
    }
}
