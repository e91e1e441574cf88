using CloudPbx.Contracts.Api;
using CloudPbx.State;
using CloudPbx.State.Edges;
using CloudPbx.State.MediaNodes;
using CloudPbx.State.Nodes;
using CloudPbx.State.Workers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Nodes;

/// <summary>The platform's processes that announce themselves, and how they are drained: nothing begins there; what stands goes on, or moves to others.</summary>
internal static class NodeEndpoints
{
    public static void MapNodes(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/nodes").WithTags("Nodes");
        group.MapGet("/", ListAsync).WithName("ListNodes").WithSummary("Lists edges, workers and media nodes with their load, as they announce themselves.");
        group.MapPost("/{node}/drain", DrainAsync).WithName("DrainNode").WithSummary(
            "Drains a node; it says so within seconds. No call begins on a media node, and those that stand there go to another one; a worker gives its tenants and their calls to others, an edge takes no new connections and says that it is not ready. It may be stopped when its load is 0.");
        group.MapDelete("/{node}/drain", UndrainAsync).WithName("UndrainNode").WithSummary("Ends the drain of a node.");
    }

    internal static async Task<Results<Ok<Page<NodeDto>>, ProblemHttpResult>> ListAsync(EdgeStore edges, WorkerStore workers, MediaNodeStore media, CancellationToken cancel) =>
        await FindAsync(edges, workers, media, cancel) is { } nodes ? TypedResults.Ok(new Page<NodeDto>(nodes, null)) : Away();

    internal static Task<Results<Accepted, NoContent, ProblemHttpResult>> DrainAsync(
        string node, EdgeStore edges, WorkerStore workers, MediaNodeStore media, DrainStore drains, CancellationToken cancel) => WishAsync(node, true, edges, workers, media, drains, cancel);

    internal static Task<Results<Accepted, NoContent, ProblemHttpResult>> UndrainAsync(
        string node, EdgeStore edges, WorkerStore workers, MediaNodeStore media, DrainStore drains, CancellationToken cancel) => WishAsync(node, false, edges, workers, media, drains, cancel);

    private static async Task<Results<Accepted, NoContent, ProblemHttpResult>> WishAsync(
        string node, bool drain, EdgeStore edges, WorkerStore workers, MediaNodeStore media, DrainStore drains, CancellationToken cancel)
    {
        if (await FindAsync(edges, workers, media, cancel) is not { } nodes)
            return Away();
        if (nodes.Find(known => known.Id == node) is not { } found)
            return Answers.NotFound("There is no such node now. GET /v1/nodes lists those that there are.");
        if (drain && found.Kind == NodeKind.Worker && !nodes.Exists(other => other is { Kind: NodeKind.Worker, Draining: false } && other.Id != node))
            return Answers.Conflict("There is no other worker that takes tenants now, so its tenants could go nowhere. Start one first, or stop this one: then its calls end.");
        if (await drains.WishAsync(node, drain, cancel) != StoreOutcome.Done)
            return Away();
        return drain ? TypedResults.Accepted((string?)null) : TypedResults.NoContent();
    }

    private static async Task<List<NodeDto>?> FindAsync(EdgeStore edges, WorkerStore workers, MediaNodeStore media, CancellationToken cancel)
    {
        if (await edges.ListAsync(cancel) is not { } reached || await workers.ListAsync(cancel) is not { } leading || await media.ListAsync(cancel) is not { } carrying)
            return null;
        return
        [
            .. reached.OrderBy(edge => edge.EdgeId, StringComparer.Ordinal).Select(edge => new NodeDto
            {
                Id = edge.EdgeId, Kind = NodeKind.Edge, Address = edge.Address, Connections = edge.Connections, Draining = edge.IsDraining,
            }),
            .. leading.OrderBy(worker => worker.WorkerId, StringComparer.Ordinal).Select(worker => new NodeDto
            {
                Id = worker.WorkerId,
                Kind = NodeKind.Worker,
                Address = worker.Port == 0 ? worker.Host : $"{worker.Host}:{worker.Port}",
                Tenants = worker.Tenants,
                Calls = worker.Calls,
                Registrations = worker.Registrations,
                QueueDelayMilliseconds = worker.QueueDelayMilliseconds,
                Draining = worker.IsDraining,
            }),
            .. carrying.OrderBy(node => node.NodeId, StringComparer.Ordinal).Select(node => new NodeDto
            {
                Id = node.NodeId, Kind = NodeKind.Media, Address = node.Address, Legs = node.Legs, Capacity = node.Capacity > 0 ? node.Capacity : null, Draining = node.IsDraining,
            }),
        ];
    }

    private static ProblemHttpResult Away() => Answers.LiveStateAway("The nodes cannot be asked now. Try again in a few seconds.");
}
