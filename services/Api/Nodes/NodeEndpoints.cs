using CloudPbx.Contracts.Api;
using CloudPbx.State;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Nodes;

/// <summary>The platform's processes that announce themselves, and the drain of media nodes: no call begins there, those that stand go to another one.</summary>
internal static class NodeEndpoints
{
    public static void MapNodes(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/nodes").WithTags("Nodes");
        group.MapGet("/", ListAsync).WithName("ListNodes").WithSummary("Lists workers and media nodes as they announce themselves.");
        group.MapPost("/{node}/drain", DrainAsync).WithName("DrainNode").WithSummary("Lets no call begin on a media node, and has those that stand there go to another one; it may be stopped when its legs are 0.");
        group.MapDelete("/{node}/drain", UndrainAsync).WithName("UndrainNode").WithSummary("Lets calls begin on a media node again.");
    }

    internal static async Task<Results<Ok<Page<NodeDto>>, ProblemHttpResult>> ListAsync(WorkerStore workers, MediaNodeStore media, CancellationToken cancel) =>
        await FindAsync(workers, media, cancel) is { } nodes ? TypedResults.Ok(new Page<NodeDto>(nodes, null)) : Away();

    internal static Task<Results<Accepted, NoContent, ProblemHttpResult>> DrainAsync(string node, WorkerStore workers, MediaNodeStore media, DrainStore drains, CancellationToken cancel) =>
        WishAsync(node, true, workers, media, drains, cancel);

    internal static Task<Results<Accepted, NoContent, ProblemHttpResult>> UndrainAsync(string node, WorkerStore workers, MediaNodeStore media, DrainStore drains, CancellationToken cancel) =>
        WishAsync(node, false, workers, media, drains, cancel);

    private static async Task<Results<Accepted, NoContent, ProblemHttpResult>> WishAsync(
        string node, bool drain, WorkerStore workers, MediaNodeStore media, DrainStore drains, CancellationToken cancel)
    {
        if (await FindAsync(workers, media, cancel) is not { } nodes)
            return Away();
        if (nodes.Find(known => known.Id == node) is not { } found)
            return Answers.NotFound("There is no such node now. GET /v1/nodes lists those that there are.");
        if (found.Kind == NodeKind.Worker)
            return Answers.Conflict("A worker is drained by stopping it (SIGTERM): it hands its tenants and their calls to the other workers by itself.");
        if (await drains.WishAsync(node, drain, cancel) != StoreOutcome.Done)
            return Away();
        return drain ? TypedResults.Accepted((string?)null) : TypedResults.NoContent();
    }

    private static async Task<List<NodeDto>?> FindAsync(WorkerStore workers, MediaNodeStore media, CancellationToken cancel)
    {
        if (await workers.ListAsync(cancel) is not { } leading || await media.ListAsync(cancel) is not { } carrying)
            return null;
        return
        [
            .. leading.OrderBy(worker => worker.WorkerId, StringComparer.Ordinal).Select(worker => new NodeDto
            {
                Id = worker.WorkerId, Kind = NodeKind.Worker, Address = worker.Port == 0 ? worker.Host : $"{worker.Host}:{worker.Port}", Draining = false,
            }),
            .. carrying.OrderBy(node => node.NodeId, StringComparer.Ordinal).Select(node => new NodeDto
            {
                Id = node.NodeId, Kind = NodeKind.Media, Address = node.Address, Legs = node.Legs, Capacity = node.Capacity > 0 ? node.Capacity : null, Draining = node.IsDraining,
            }),
        ];
    }

    private static ProblemHttpResult Away() => Answers.LiveStateAway("The nodes cannot be asked now. Try again in a few seconds.");
}
