using CloudPbx.Blobs;
using CloudPbx.Hosting;
using CloudPbx.Media;
using CloudPbx.State;

if (args is ["--role", "uploader", ..])
{
    return await ServiceProgram.RunAsync("uploader", async () =>
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args[2..]);
        builder.AddHostingDefaults("uploader");
        builder.AddBlobs();                     // a folder or S3
        builder.AddRecordingUploader();         // beside the packet process, never in it
        WebApplication app = builder.Build();
        app.MapHostingDefaults();
        await app.RunAsync();
        return 0;
    });
}
return await ServiceProgram.RunAsync("media", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
    builder.AddHostingDefaults("media");    // telemetry, health, logs
    builder.AddMedia();                     // the node and its control connections
    if (builder.Configuration["Redis:Connection"] is { Length: > 0 })
    {
        builder.AddRuntimeState();          // Redis, where workers find the node
        builder.AddMediaAnnouncement();
    }
    WebApplication app = builder.Build();
    app.MapHostingDefaults();               // /health/live, /health/ready
    await app.RunAsync();
    return 0;
});
