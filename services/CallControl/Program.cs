using System.Net;
using CloudPbx.CallControl;
using CloudPbx.Data.Postgres;
using CloudPbx.Data.Sqlite;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.State;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddHostingDefaults("callcontrol");                            // telemetry, health, logs
CallControlOptions options = builder.Configuration.GetSection("CallControl").Get<CallControlOptions>() ?? new();
string? cluster = builder.Configuration["Postgres:Connection"];
if (cluster is null)
{
    builder.AddSqliteData();                                          // one worker, for a developer
    builder.AddLocalSilo();
}
else
{
    builder.AddPostgresData();
    builder.AddClusterSilo(cluster, IPAddress.Parse(options.SiloAddress ?? "127.0.0.1"));
}
builder.AddRuntimeState();                                            // Redis: bindings, workers, tenants' snapshots
builder.AddEventBus();                                                // RabbitMQ, or in memory
builder.AddMediaControl(new Uri(options.MediaNode));
builder.AddCallControl();
WebApplication app = builder.Build();
app.MapHostingDefaults();                                             // /health/live, /health/ready
app.MapCallControl();
await app.RunAsync();
