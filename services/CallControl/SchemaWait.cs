using CloudPbx.Data;
using CloudPbx.Data.Postgres;
using CloudPbx.Hosting;

namespace CloudPbx.CallControl;

/// <summary>
/// A worker's silo cannot start before <c>Api --migrate</c> has made its tables. Until then the process serves its health page alone, unready with the sentence
/// that says why.
/// </summary>
internal static class SchemaWait
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    /// <summary>Waits until the schema fits.</summary>
    /// <param name="args">The process's arguments.</param>
    /// <returns>False when the process was told to stop meanwhile.</returns>
    public static async Task<bool> RunAsync(string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
        builder.AddHostingDefaults("callcontrol");
        builder.AddPostgresData();
        await using WebApplication app = builder.Build();
        SchemaGate gate = app.Services.GetRequiredService<SchemaGate>();
        CancellationToken stopping = app.Lifetime.ApplicationStopping;
        if (await gate.FindMismatchAsync(stopping) is null)
            return true;
        app.MapHostingDefaults();
        await app.StartAsync(stopping);
        using var timer = new PeriodicTimer(s_interval);
        try
        {
            while (await gate.FindMismatchAsync(stopping) is not null)
                await timer.WaitForNextTickAsync(stopping);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }
    }
}
