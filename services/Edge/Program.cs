using CloudPbx.Edge;
using CloudPbx.Hosting;
using CloudPbx.State;

return await ServiceProgram.RunAsync("edge", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.AddHostingDefaults("edge");                      // telemetry, health, logs
    builder.AddRuntimeState();                               // Redis: directory, workers, the edges' key
    builder.AddEdge();
    WebApplication app = builder.Build();
    app.MapHostingDefaults();                                // /health/live, /health/ready
    app.MapForwardedEdge();                                  // /sip, for the process with the public listener
    await app.RunAsync();
    return 0;
});
