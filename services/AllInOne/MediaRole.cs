using CloudPbx.Hosting;
using CloudPbx.Media;

namespace CloudPbx.AllInOne;

/// <summary>This program as the media child: the media module alone, on a Unix socket, until the parent lets go of its standard input.</summary>
internal static class MediaRole
{
    public static async Task<int> RunAsync(string[] settings)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(settings);
        builder.AddHostingDefaults("media");
        builder.AddMedia();
        await using WebApplication app = builder.Build();
        app.MapHostingDefaults();
        app.MapMedia();

        IHostApplicationLifetime lifetime = app.Services.GetRequiredService<IHostApplicationLifetime>();
        // A terminal's Ctrl-C reaches the child too; its calls need it until the parent has ended them.
        using var ignored = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, signal => signal.Cancel = true);
        var parent = new Thread(() =>
        {
            using Stream input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }
            lifetime.StopApplication();
        })
        { IsBackground = true, Name = "parent" };
        parent.Start();
        try
        {
            await app.RunAsync();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // the parent left while we started
        }
        return 0;
    }
}
