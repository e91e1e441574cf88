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
if (string.Equals(builder.Configuration["Database:Provider"], "sqlite", StringComparison.OrdinalIgnoreCase))
{
    builder.AddSqliteData();                                          // one worker, for a developer
    builder.AddLocalSilo(builder.Configuration.GetValue("Orleans:GatewayPort", 30000));
}
else
{
    builder.AddPostgresData();
    builder.AddClusterSilo(builder.Configuration["Postgres:Connection"] ?? "", IPAddress.Parse(options.SiloAddress ?? "127.0.0.1"));
}
builder.AddRuntimeState();                                            // Redis: bindings, workers, tenants' snapshots
builder.AddEventBus();                                                // RabbitMQ, or in memory
builder.AddMediaControl(new Uri(options.MediaNode));
builder.AddCallControl();
WebApplication app = builder.Build();
app.MapHostingDefaults();                                             // /health/live, /health/ready
app.MapCallControl();
try
{
    await app.RunAsync();
    return 0;
}
catch (IOException fault)                                             // a key that is not there, a port that is taken: a sentence each
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
