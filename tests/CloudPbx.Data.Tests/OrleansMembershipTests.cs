using System.Net;
using System.Net.Sockets;
using CloudPbx.Data.Postgres;
using CloudPbx.Data.Tests.Providers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;

namespace CloudPbx.Data.Tests;

/// <summary>Real silos form a cluster on our tables, as the app role.</summary>
public sealed class OrleansMembershipTests(PostgresDatabase database) : IClassFixture<PostgresDatabase>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_silos_find_each_other_and_one_that_leaves_is_gone()
    {
        _ = database.Services;
        using IHost first = await StartAsync();
        using (IHost second = await StartAsync())
        {
            Assert.Equal(2, await ActiveAsync(first, 2));
            Assert.Equal(2, await ActiveAsync(second, 2));
            await second.StopAsync(Cancel);
        }
        Assert.Equal(1, await ActiveAsync(first, 1));
        await using NpgsqlConnection connection = new(database.AdministratorConnection);
        await connection.OpenAsync(Cancel);
        await using NpgsqlCommand command = new("select count(*) from orleans_members where status = 3", connection);
        Assert.Equal(1L, await command.ExecuteScalarAsync(Cancel));
        await first.StopAsync(Cancel);
    }

    private static async Task<int> ActiveAsync(IHost host, int wanted)
    {
        IManagementGrain management = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        int count = -1;
        for (int tries = 0; tries < 100 && count != wanted; tries++)
        {
            count = (await management.GetHosts(onlyActive: true)).Count;
            if (count != wanted)
                await Task.Delay(200, Cancel);
        }
        return count;
    }

    private async Task<IHost> StartAsync()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(cluster => (cluster.ClusterId, cluster.ServiceId) = ("test", "test"));
            silo.ConfigureEndpoints(IPAddress.Loopback, FreePort(), FreePort());
            silo.UseAdoNetClustering(clustering =>
            {
                clustering.Invariant = "Npgsql";
                clustering.ConnectionString = database.ConnectionAs(PostgresRoles.App);
            });
        });
        IHost host = builder.Build();
        await host.StartAsync(Cancel);
        return host;
    }

    private static int FreePort()
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
