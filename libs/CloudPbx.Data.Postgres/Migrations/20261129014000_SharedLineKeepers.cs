using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace CloudPbx.Data.Postgres.Migrations
{
    /// <summary>Workers, which see one tenant at a time, see a shared trunk where whoever keeps its lines takes the tenant's place: that one row, to read.</summary>
    public partial class SharedLineKeepers : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.LetKeeperRead("global_trunks");

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.LetNobodyRead("global_trunks");
    }
}
