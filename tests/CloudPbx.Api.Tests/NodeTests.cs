using System.Net;
using CloudPbx.Api.Tests.Hosting;
using CloudPbx.Contracts.Api;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Workers;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Api.Tests;

/// <summary>What operators see of the platform's processes, and how they drain one.</summary>
public sealed class NodeTests(SqliteApi api) : IClassFixture<SqliteApi>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nodes_are_listed_with_their_load_and_a_media_node_is_drained_and_let_in_again()
    {
        MediaNodeStore media = api.Services.GetRequiredService<MediaNodeStore>();
        await api.Services.GetRequiredService<WorkerStore>().AnnounceAsync(new WorkerAddress("worker-1", "10.0.0.1", 7000), TimeSpan.FromMinutes(1), Cancel);
        await media.AnnounceAsync(new MediaNodeAddress("media-1", "http://10.0.0.2:9000") { Legs = 12, Capacity = 400 }, TimeSpan.FromMinutes(1), Cancel);
        IReadOnlyList<NodeDto> nodes = (await api.GetAsync<Page<NodeDto>>("/v1/nodes")).Items;
        Assert.Equal([(NodeKind.Worker, "worker-1", null, null), (NodeKind.Media, "media-1", 12, 400)], nodes.Select(node => (node.Kind, node.Id, node.Legs, node.Capacity)));

        DrainStore drains = api.Services.GetRequiredService<DrainStore>();
        using HttpResponseMessage drained = await api.SendAsync(HttpMethod.Post, "/v1/nodes/media-1/drain");
        Assert.Equal((HttpStatusCode.Accepted, true), (drained.StatusCode, await drains.IsWishedAsync("media-1", Cancel)));
        using HttpResponseMessage undrained = await api.SendAsync(HttpMethod.Delete, "/v1/nodes/media-1/drain");
        Assert.Equal((HttpStatusCode.NoContent, false), (undrained.StatusCode, await drains.IsWishedAsync("media-1", Cancel)));
        using HttpResponseMessage unknown = await api.SendAsync(HttpMethod.Post, "/v1/nodes/media-9/drain");
        await TestApi.ProblemAsync(unknown, HttpStatusCode.NotFound, ProblemTypes.NotFound);
        using HttpResponseMessage worker = await api.SendAsync(HttpMethod.Post, "/v1/nodes/worker-1/drain");
        await TestApi.ProblemAsync(worker, HttpStatusCode.Conflict, ProblemTypes.Conflict);
        ApplyReport tenant = await api.CreateTenantAsync("nodes");
        using HttpResponseMessage administrator = await api.As(await TestTokens.Of(api).AdministratorAsync(tenant.Id)).GetAsync(new Uri("/v1/nodes", UriKind.Relative), Cancel);
        await TestApi.ProblemAsync(administrator, HttpStatusCode.Forbidden, ProblemTypes.Forbidden);
    }
}
