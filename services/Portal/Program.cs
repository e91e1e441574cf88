using CloudPbx.Hosting;
using CloudPbx.Portal;
using CloudPbx.State;

return await ServiceProgram.RunAsync("portal", async () =>
{
    WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
    builder.WebHost.UseStaticWebAssets();                       // a Production build serves empty files without it
    builder.AddHostingDefaults("portal");                       // telemetry, health, logs
    builder.AddRuntimeState();                                  // Redis: sessions
    builder.AddPortal();
    builder.AddSpareMemory();                                   // nobody's call is in this process
    WebApplication app = builder.Build();
    app.UsePortal();
    app.MapHostingDefaults();                                   // /health/live, /health/ready
    app.MapPortal();
    await app.RunAsync();
    return 0;
});
