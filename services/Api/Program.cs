using CloudPbx.Api;
using CloudPbx.Api.Forwarding;
using CloudPbx.Data;
using CloudPbx.Data.Postgres;
using CloudPbx.Data.Sqlite;
using CloudPbx.Hosting;
using CloudPbx.Hosting.Web.Bus;
using CloudPbx.State;
using Orleans.Configuration;

return await ServiceProgram.RunAsync("api", async () =>
{
    bool migrate = args.Contains("--migrate");
    WebApplicationBuilder builder = WebApplication.CreateBuilder([.. args.Where(argument => argument != "--migrate")]);
    builder.AddHostingDefaults("api");                                                      // telemetry, health, logs
    bool sqlite = string.Equals(builder.Configuration["Database:Provider"], "sqlite", StringComparison.OrdinalIgnoreCase);
    _ = sqlite ? builder.AddSqliteData() : builder.AddPostgresData();
    if (migrate)
        return await MigrateAsync(builder);
    builder.AddRuntimeState();                                                              // Redis
    builder.AddEventBus(ApiModule.AddConsumers);                                            // RabbitMQ, or in memory
    builder.AddWorkersClient(client =>                                                      // live calls, refresh
    {
        client.Configure<ClusterOptions>(cluster =>
        {
            cluster.ClusterId = builder.Configuration["Orleans:ClusterId"] ?? "cloudpbx";
            cluster.ServiceId = builder.Configuration["Orleans:ServiceId"] ?? "cloudpbx";
        });
        if (sqlite)
        {
            client.UseLocalhostClustering(gatewayPort: builder.Configuration.GetValue("Orleans:GatewayPort", 30000));
        }
        else
        {
            client.UseAdoNetClustering(clustering =>
            {
                clustering.Invariant = "Npgsql";
                clustering.ConnectionString = builder.Configuration["Postgres:Connection"];
            });
        }
    });
    builder.AddApi();
    builder.AddForwards();                                                                  // where Identity is a process of its own behind this listener
    WebApplication app = builder.Build();
    app.UseAuthentication();
    app.UseAuthorization();
    app.MapHostingDefaults();                                                               // /health/live, /health/ready
    app.MapApi();
    app.MapForwards();
    await app.RunAsync();
    return 0;
});

static async Task<int> MigrateAsync(WebApplicationBuilder builder)
{
    await using WebApplication app = builder.Build();
    await app.Services.GetRequiredService<IDatabaseSchema>().MigrateAsync(CancellationToken.None);
    await Console.Out.WriteLineAsync("The database's schema is up to date.");
    return 0;
}
