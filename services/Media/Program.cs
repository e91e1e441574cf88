using CloudPbx.Hosting;
using CloudPbx.Media;
using CloudPbx.State;

return await ServiceProgram.RunAsync("media", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
    builder.AddHostingDefaults("media");    // telemetry, health, logs
    builder.AddMedia();                     // the node and its control stream
    if (builder.Configuration["Redis:Connection"] is { Length: > 0 })
    {
        builder.AddRuntimeState();          // Redis, where workers find the node
        builder.AddMediaAnnouncement();
    }
    WebApplication app = builder.Build();
    app.MapHostingDefaults();               // /health/live, /health/ready
    app.MapMedia();
    await app.RunAsync();
    return 0;
});
