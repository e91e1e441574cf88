using CloudPbx.Hosting;
using CloudPbx.Media;
using Microsoft.Extensions.Options;

try
{
    WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
    builder.AddHostingDefaults("media");    // telemetry, health, logs
    builder.AddMedia();                     // the node and its control stream
    await using WebApplication app = builder.Build();
    app.MapHostingDefaults();               // /health/live, /health/ready
    app.MapMedia();
    await app.RunAsync();
    return 0;
}
catch (Exception fault) when (fault is OptionsValidationException or IOException) // a bad setting, a taken port
{
    await Console.Error.WriteLineAsync($"media: {fault.Message}");
    return 1;
}
