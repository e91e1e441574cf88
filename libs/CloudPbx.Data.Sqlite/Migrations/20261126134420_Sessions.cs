using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Sessions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "session_id",
                table: "global_authorizations",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "global_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    user_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    method = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    address = table.Column<string>(type: "TEXT", maxLength: 45, nullable: true),
                    user_agent = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    started_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    proved_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    last_used_at = table.Column<DateTime>(type: "TEXT", nullable: false),
                    expires_at = table.Column<DateTime>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_sessions", x => x.id);
                    table.ForeignKey(
                        name: "fk_global_sessions_global_users",
                        column: x => x.user_id,
                        principalTable: "global_users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sign_in_providers",
                columns: table => new
                {
                    tenant_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    issuer = table.Column<string>(type: "TEXT", maxLength: 500, nullable: false),
                    client_id = table.Column<string>(type: "TEXT", maxLength: 200, nullable: false),
                    sealed_secret = table.Column<byte[]>(type: "BLOB", nullable: false),
                    mail_domain = table.Column<string>(type: "TEXT", maxLength: 253, nullable: false),
                    enabled = table.Column<bool>(type: "INTEGER", nullable: false),
                    version = table.Column<Guid>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_sign_in_providers", x => x.tenant_id);
                    table.ForeignKey(
                        name: "fk_sign_in_providers_tenants",
                        column: x => x.tenant_id,
                        principalTable: "tenants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_global_authorizations_session_id",
                table: "global_authorizations",
                column: "session_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_sessions_user_id_last_used_at",
                table: "global_sessions",
                columns: new[] { "user_id", "last_used_at" });

            migrationBuilder.AddForeignKey(
                name: "fk_global_authorizations_global_sessions",
                table: "global_authorizations",
                column: "session_id",
                principalTable: "global_sessions",
                principalColumn: "id",
                onDelete: ReferentialAction.Cascade);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_global_authorizations_global_sessions",
                table: "global_authorizations");

            migrationBuilder.DropTable(
                name: "global_sessions");

            migrationBuilder.DropTable(
                name: "sign_in_providers");

            migrationBuilder.DropIndex(
                name: "ix_global_authorizations_session_id",
                table: "global_authorizations");

            migrationBuilder.DropColumn(
                name: "session_id",
                table: "global_authorizations");
        }
    }
}
