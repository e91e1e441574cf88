using System.Runtime.InteropServices;
using CloudPbx.Hosting;
using CloudPbx.Media;

namespace CloudPbx.AllInOne;

/// <summary>This program as the media child: the media module alone, on a Unix socket, until the parent lets go of its standard input.</summary>
internal static class MediaRole
{
    public static async Task<int> RunAsync(string[] settings)
    {
        // A terminal's Ctrl-C reaches the child too; its calls need it until the parent has ended them.
        using var ignored = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        return await ServiceProgram.RunAsync("media", async () =>
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder([.. settings, "--Hosting:StopWithStandardInput=true"]);
            builder.AddHostingDefaults("media");
            builder.AddMedia();
            await using WebApplication app = builder.Build();
            app.MapHostingDefaults();
            await app.RunAsync();
            return 0;
        });
    }
}
