using CloudPbx.Hosting;
using CloudPbx.Media;

return await ServiceProgram.RunAsync("media", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
    builder.AddHostingDefaults("media");    // telemetry, health, logs
    builder.AddMedia();                     // the node and its control stream
    WebApplication app = builder.Build();
    app.MapHostingDefaults();               // /health/live, /health/ready
    app.MapMedia();
    await app.RunAsync();
    return 0;
});
