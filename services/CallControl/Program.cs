using System.Net;
using CloudPbx.CallControl;
using CloudPbx.Data.Postgres;
using CloudPbx.Data.Sqlite;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.State;

return await ServiceProgram.RunAsync("callcontrol", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.AddHostingDefaults("callcontrol");                            // telemetry, health, logs
    CallControlOptions options = builder.Configuration.GetSection("CallControl").Get<CallControlOptions>() ?? new();
    if (string.Equals(builder.Configuration["Database:Provider"], "sqlite", StringComparison.OrdinalIgnoreCase))
    {
        builder.AddSqliteData();                                          // one worker, for a developer
        builder.AddLocalSilo(builder.Configuration.GetValue("Orleans:GatewayPort", 30000));
    }
    else
    {
        if (!await SchemaWait.RunAsync(args))                             // the silo's own tables are part of the schema
            return 0;
        builder.AddPostgresData();
        builder.AddClusterSilo(builder.Configuration["Postgres:Connection"] ?? "", options);
    }
    builder.AddRuntimeState();                                            // Redis: bindings, workers, tenants' snapshots
    builder.AddEventBus(builder.HasMemoryBus() ? [CallControlModule.AddMemoryConsumers] : []);
    _ = options.MediaNode is { Length: > 0 } node && Uri.TryCreate(node, UriKind.Absolute, out Uri? only)
        ? builder.AddMediaControl(only) : builder.AddMediaFleet();        // media nodes
    builder.AddCallControl();
    WebApplication app = builder.Build();
    app.MapHostingDefaults();                                             // /health/live, /health/ready
    app.MapCallControl();
    await app.RunAsync();
    return 0;
});
