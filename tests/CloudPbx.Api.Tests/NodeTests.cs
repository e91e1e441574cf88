using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.Edges;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Nodes;
using CloudPbx.State.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

/// <summary>What operators see of the platform's processes, and how they drain one.</summary>
public sealed class NodeTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static readonly WorkerAddress s_worker = new("worker-1", "10.0.0.1", 7000) { Tenants = 3, Calls = 5, Registrations = 40, QueueDelayMilliseconds = 2 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_are_listed_with_their_load_and_a_media_node_is_drained_and_let_in_again()
    {
        MediaNodeStore media = api.Services.GetRequiredService<MediaNodeStore>();
        await api.Services.GetRequiredService<WorkerStore>().AnnounceAsync(s_worker, TimeSpan.FromMinutes(1), Cancel);
        await api.Services.GetRequiredService<EdgeStore>().AnnounceAsync(new EdgeAddress("edge-1", "sip.example.com") { Connections = 7 }, TimeSpan.FromMinutes(1), Cancel);
        await media.AnnounceAsync(new MediaNodeAddress("media-1", "http://10.0.0.2:9000") { Legs = 12, Capacity = 400 }, TimeSpan.FromMinutes(1), Cancel);
        IReadOnlyList<NodeDto> nodes = (await api.GetAsync<Page<NodeDto>>("/v1/nodes")).Items;
        Assert.Equal(
            [(NodeKind.Edge, "edge-1", 7, null, null), (NodeKind.Worker, "worker-1", null, null, null), (NodeKind.Media, "media-1", null, 12, 400)],
            nodes.Select(node => (node.Kind, node.Id, node.Connections, node.Legs, node.Capacity)));
        NodeDto busy = nodes[1];
        Assert.Equal((3, 5, 40, 2), (busy.Tenants, busy.Calls, busy.Registrations, busy.QueueDelayMilliseconds));

        DrainStore drains = api.Services.GetRequiredService<DrainStore>();
        using HttpResponseMessage drained = await api.SendAsync(HttpMethod.Post, "/v1/nodes/media-1/drain");
        Assert.Equal((HttpStatusCode.Accepted, true), (drained.StatusCode, await drains.IsWishedAsync("media-1", Cancel)));
        using HttpResponseMessage undrained = await api.SendAsync(HttpMethod.Delete, "/v1/nodes/media-1/drain");
        Assert.Equal((HttpStatusCode.NoContent, false), (undrained.StatusCode, await drains.IsWishedAsync("media-1", Cancel)));
        using HttpResponseMessage unknown = await api.SendAsync(HttpMethod.Post, "/v1/nodes/media-9/drain");
        await TestApi.ProblemAsync(unknown, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage edge = await api.SendAsync(HttpMethod.Post, "/v1/nodes/edge-1/drain");
        Assert.Equal((HttpStatusCode.Accepted, true), (edge.StatusCode, await drains.IsWishedAsync("edge-1", Cancel)));
        // The only worker: nobody could take its tenants.
        using HttpResponseMessage only = await api.SendAsync(HttpMethod.Post, "/v1/nodes/worker-1/drain");
        await TestApi.ProblemAsync(only, HttpStatusCode.Conflict, ProblemTypes.Conflict);
        WorkerStore workers = api.Services.GetRequiredService<WorkerStore>();
        await workers.AnnounceAsync(new WorkerAddress("worker-2", "10.0.0.3", 7000) { IsDraining = true }, TimeSpan.FromMinutes(1), Cancel);
        using HttpResponseMessage last = await api.SendAsync(HttpMethod.Post, "/v1/nodes/worker-1/drain");
        await TestApi.ProblemAsync(last, HttpStatusCode.Conflict, ProblemTypes.Conflict);
        await workers.AnnounceAsync(new WorkerAddress("worker-2", "10.0.0.3", 7000), TimeSpan.FromMinutes(1), Cancel);
        using HttpResponseMessage worker = await api.SendAsync(HttpMethod.Post, "/v1/nodes/worker-1/drain");
        Assert.Equal((HttpStatusCode.Accepted, true), (worker.StatusCode, await drains.IsWishedAsync("worker-1", Cancel)));
        ApplyReport tenant = await api.CreateTenantAsync("nodes");
        using HttpResponseMessage administrator = await api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id)).GetAsync(new Uri("/v1/nodes", UriKind.Relative), Cancel);
        await TestApi.ProblemAsync(administrator, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }
}
