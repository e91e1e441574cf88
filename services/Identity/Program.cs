using CloudPbx.Data.Postgres;
using CloudPbx.Data.Sqlite;
using CloudPbx.Hosting;
using CloudPbx.Identity;

return await ServiceProgram.RunAsync("identity", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.AddHostingDefaults("identity");                                                 // telemetry, health, logs
    _ = string.Equals(builder.Configuration["Database:Provider"], "sqlite", StringComparison.OrdinalIgnoreCase)
        ? builder.AddSqliteData() : builder.AddPostgresData();
    builder.AddIdentity();
    WebApplication app = builder.Build();
    app.UseAuthentication();
    app.MapHostingDefaults();                                                               // /health/live, /health/ready
    app.MapIdentity();
    await app.RunAsync();
    return 0;
});
