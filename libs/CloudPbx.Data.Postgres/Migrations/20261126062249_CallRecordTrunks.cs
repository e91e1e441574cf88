using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Postgres.Migrations
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
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<Guid>(
                name: "trunk_id",
                table: "call_records",
                type: "uuid",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "trunk_name",
                table: "call_records",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "trunk_number",
                table: "call_records",
                type: "character varying(64)",
                maxLength: 64,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "trunk_status",
                table: "call_records",
                type: "integer",
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
