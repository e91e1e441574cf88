using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Identities : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<Guid>(
                name: "reseller_id",
                table: "tenants",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "global_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    purpose = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: false),
                    @sealed = table.Column<byte[]>(name: "sealed", type: "bytea", nullable: false),
                    public_key = table.Column<string>(type: "text", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_keys", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "global_resellers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    display_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_resellers", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "global_scopes",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    concurrency_token = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    description = table.Column<string>(type: "text", nullable: true),
                    descriptions = table.Column<string>(type: "text", nullable: true),
                    display_name = table.Column<string>(type: "text", nullable: true),
                    display_names = table.Column<string>(type: "text", nullable: true),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    resources = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_scopes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "global_clients",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    role = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: true),
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    reseller_id = table.Column<Guid>(type: "uuid", nullable: true),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    application_type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    client_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    client_secret = table.Column<string>(type: "text", nullable: true),
                    client_type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    concurrency_token = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    consent_type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    display_name = table.Column<string>(type: "text", nullable: true),
                    display_names = table.Column<string>(type: "text", nullable: true),
                    json_web_key_set = table.Column<string>(type: "text", nullable: true),
                    permissions = table.Column<string>(type: "text", nullable: true),
                    post_logout_redirect_uris = table.Column<string>(type: "text", nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    redirect_uris = table.Column<string>(type: "text", nullable: true),
                    requirements = table.Column<string>(type: "text", nullable: true),
                    settings = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_clients", x => x.id);
                    table.ForeignKey(
                        name: "fk_global_clients_global_resellers",
                        column: x => x.reseller_id,
                        principalTable: "global_resellers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_global_clients_tenants",
                        column: x => x.tenant_id,
                        principalTable: "tenants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "global_users",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    user_name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    normalized_user_name = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: false),
                    email = table.Column<string>(type: "character varying(254)", maxLength: 254, nullable: true),
                    email_confirmed = table.Column<bool>(type: "boolean", nullable: false),
                    display_name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    language = table.Column<string>(type: "character varying(35)", maxLength: 35, nullable: true),
                    role = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    tenant_id = table.Column<Guid>(type: "uuid", nullable: true),
                    reseller_id = table.Column<Guid>(type: "uuid", nullable: true),
                    extension_id = table.Column<Guid>(type: "uuid", nullable: true),
                    enabled = table.Column<bool>(type: "boolean", nullable: false),
                    password_hash = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true),
                    security_stamp = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    access_failed_count = table.Column<int>(type: "integer", nullable: false),
                    lockout_end = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    two_factor_enabled = table.Column<bool>(type: "boolean", nullable: false),
                    sealed_authenticator_key = table.Column<byte[]>(type: "bytea", nullable: true),
                    last_authenticator_step = table.Column<long>(type: "bigint", nullable: false),
                    recovery_codes = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false),
                    last_sign_in_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    version = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_users", x => x.id);
                    table.ForeignKey(
                        name: "fk_global_users_global_resellers",
                        column: x => x.reseller_id,
                        principalTable: "global_resellers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_global_users_tenants",
                        column: x => x.tenant_id,
                        principalTable: "tenants",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "global_authorizations",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    application_id = table.Column<Guid>(type: "uuid", nullable: true),
                    concurrency_token = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    creation_date = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    scopes = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_authorizations", x => x.id);
                    table.ForeignKey(
                        name: "fk_global_authorizations_global_clients",
                        column: x => x.application_id,
                        principalTable: "global_clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "global_one_time_links",
                columns: table => new
                {
                    token_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    expires_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_one_time_links", x => x.token_hash);
                    table.ForeignKey(
                        name: "fk_global_one_time_links_global_users",
                        column: x => x.user_id,
                        principalTable: "global_users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "global_passkeys",
                columns: table => new
                {
                    credential_id = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    details = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<DateTime>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_passkeys", x => x.credential_id);
                    table.ForeignKey(
                        name: "fk_global_passkeys_global_users",
                        column: x => x.user_id,
                        principalTable: "global_users",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "global_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    application_id = table.Column<Guid>(type: "uuid", nullable: true),
                    authorization_id = table.Column<Guid>(type: "uuid", nullable: true),
                    concurrency_token = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    creation_date = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    expiration_date = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    payload = table.Column<string>(type: "text", nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    redemption_date = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    reference_id = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    status = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    type = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_global_tokens", x => x.id);
                    table.ForeignKey(
                        name: "fk_global_tokens_global_authorizations",
                        column: x => x.authorization_id,
                        principalTable: "global_authorizations",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "fk_global_tokens_global_clients",
                        column: x => x.application_id,
                        principalTable: "global_clients",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_tenants_reseller_id_name",
                table: "tenants",
                columns: new[] { "reseller_id", "name" });

            migrationBuilder.CreateIndex(
                name: "ix_global_authorizations_application_id",
                table: "global_authorizations",
                column: "application_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_authorizations_subject_status",
                table: "global_authorizations",
                columns: new[] { "subject", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_global_clients_client_id",
                table: "global_clients",
                column: "client_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_global_clients_reseller_id_client_id",
                table: "global_clients",
                columns: new[] { "reseller_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_global_clients_tenant_id_client_id",
                table: "global_clients",
                columns: new[] { "tenant_id", "client_id" });

            migrationBuilder.CreateIndex(
                name: "ix_global_one_time_links_user_id",
                table: "global_one_time_links",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_passkeys_user_id",
                table: "global_passkeys",
                column: "user_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_resellers_name",
                table: "global_resellers",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_global_scopes_name",
                table: "global_scopes",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_global_tokens_application_id",
                table: "global_tokens",
                column: "application_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_tokens_authorization_id",
                table: "global_tokens",
                column: "authorization_id");

            migrationBuilder.CreateIndex(
                name: "ix_global_tokens_creation_date",
                table: "global_tokens",
                column: "creation_date");

            migrationBuilder.CreateIndex(
                name: "ix_global_tokens_reference_id",
                table: "global_tokens",
                column: "reference_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_global_tokens_subject_status",
                table: "global_tokens",
                columns: new[] { "subject", "status" });

            migrationBuilder.CreateIndex(
                name: "ix_global_users_normalized_user_name",
                table: "global_users",
                column: "normalized_user_name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_global_users_reseller_id_normalized_user_name",
                table: "global_users",
                columns: new[] { "reseller_id", "normalized_user_name" });

            migrationBuilder.CreateIndex(
                name: "ix_global_users_tenant_id_normalized_user_name",
                table: "global_users",
                columns: new[] { "tenant_id", "normalized_user_name" });

            migrationBuilder.AddForeignKey(
                name: "fk_tenants_global_resellers",
                table: "tenants",
                column: "reseller_id",
                principalTable: "global_resellers",
                principalColumn: "id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.ProtectGlobalTable("global_keys");
            migrationBuilder.ProtectGlobalTable("global_resellers");
            migrationBuilder.ProtectGlobalTable("global_scopes");
            migrationBuilder.ProtectGlobalTable("global_clients");
            migrationBuilder.ProtectGlobalTable("global_users");
            migrationBuilder.ProtectGlobalTable("global_authorizations");
            migrationBuilder.ProtectGlobalTable("global_one_time_links");
            migrationBuilder.ProtectGlobalTable("global_passkeys");
            migrationBuilder.ProtectGlobalTable("global_tokens");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropForeignKey(
                name: "fk_tenants_global_resellers",
                table: "tenants");

            migrationBuilder.DropTable(
                name: "global_keys");

            migrationBuilder.DropTable(
                name: "global_one_time_links");

            migrationBuilder.DropTable(
                name: "global_passkeys");

            migrationBuilder.DropTable(
                name: "global_scopes");

            migrationBuilder.DropTable(
                name: "global_tokens");

            migrationBuilder.DropTable(
                name: "global_users");

            migrationBuilder.DropTable(
                name: "global_authorizations");

            migrationBuilder.DropTable(
                name: "global_clients");

            migrationBuilder.DropTable(
                name: "global_resellers");

            migrationBuilder.DropIndex(
                name: "ix_tenants_reseller_id_name",
                table: "tenants");

            migrationBuilder.DropColumn(
                name: "reseller_id",
                table: "tenants");
        }
    }
}
