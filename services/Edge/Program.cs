using CloudPbx.Edge;
using CloudPbx.Edge.Listeners;
using CloudPbx.Hosting;
using CloudPbx.State;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddHostingDefaults("edge");                      // telemetry, health, logs
builder.AddRuntimeState();                               // Redis: directory, workers, the edges' key
builder.AddEdge();
WebApplication app = builder.Build();
app.MapHostingDefaults();                                // /health/live, /health/ready
try
{
    await app.RunAsync();
    return 0;
}
catch (EdgePortException fault)
{
    await Console.Error.WriteLineAsync(fault.Message);
    return 1;
}
