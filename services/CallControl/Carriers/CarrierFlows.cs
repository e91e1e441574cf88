using CloudPbx.CallControl.Links;
using CloudPbx.CallControl.Tenants;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Proxying;
using CloudPbx.Sip.Resolution;
using CloudPbx.Sip.Transactions;
using CloudPbx.Sip.Transport;

namespace CloudPbx.CallControl.Carriers;

/// <summary>The ways to carriers' servers: asked of an edge once, kept until they break. A trunk leaves by one edge for as long as that is there, since carriers trust addresses and flows.</summary>
/// <remarks>Used on the tenant's thread.</remarks>
internal sealed class CarrierFlows(TenantRuntime tenant, WorkerServices worker)
{
    private const int LongestDatagram = 1300;                     // RFC 3261 §18.1.1, where the path's MTU is not known
    private const int Vias = 200;                                 // the worker's and the edge's
    private const int Credentials = 350;                          // of a challenge's answer, which takes the same way
    private const int EdgeAway = 504;                             // instead of an edge's answer

    // I42: many carriers have UDP alone, and no caller shall wait for that again. Silence may be a fault that passes, or a firewall that is mended.
    private static readonly TimeSpan s_refusedBeside = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_silentBeside = TimeSpan.FromMinutes(5);

    private readonly Dictionary<FlowTarget, EdgeFlow> _flows = [];
    private readonly Dictionary<TrunkId, uint> _edges = [];       // by which each trunk leaves
    private readonly Dictionary<TrunkId, NextHop> _beside = [];   // where each trunk's long requests would go by TCP

    /// <summary>Finds the places of a trunk's server, in the order in which they are to be tried.</summary>
    public Task<NextHops> FindAsync(TrunkSettings trunk) => worker.NextHops.ResolveAsync(CarrierTargets.QueryOf(trunk), CancellationToken.None);

    /// <summary>Opens the way to a place, or takes the one that is there.</summary>
    /// <returns>The flow, a new object for this user of it; else why there is none.</returns>
    public async Task<(EdgeFlow? Flow, string? Fault)> OpenAsync(TrunkSettings trunk, NextHop hop)
    {
        (EdgeFlow? flow, int status, string? fault) = await FindWayAsync(trunk, hop);
        if (flow is null && status != 0)
            worker.Down.Mark(hop);
        return (flow, fault);
    }

    /// <summary>Opens a connection beside a way by UDP, for a request that is too long for that (RFC 3261 §18.1.1); only where the trunk leaves the transport to us.</summary>
    /// <returns>The flow; null where there is none, so that UDP has to do.</returns>
    public async Task<EdgeFlow?> OpenBesideAsync(TrunkSettings trunk, EdgeFlow datagrams)
    {
        if (!IsForUsToChoose(trunk))
            return null;
        NextHop hop = _beside[trunk.Id] = Beside(datagrams);
        if (worker.Down.IsDown(hop))
            return null;
        (EdgeFlow? flow, int status, string? fault) = await FindWayAsync(trunk, hop);
        if (flow is null && status is not (0 or EdgeAway))
            worker.Down.Mark(hop, status == 408 ? s_silentBeside : s_refusedBeside, fault);
        return flow;
    }

    /// <summary>A request that went by the connection beside a way by UDP had no answer: the next ones stay on UDP for a while.</summary>
    public void SilentBeside(EdgeFlow datagrams) => worker.Down.Mark(Beside(datagrams), s_silentBeside, "No answer");

    /// <summary>Why a trunk's long requests go by UDP all the same, and until when; null where they need not.</summary>
    public DownMark? WithoutStream(TrunkId trunk) =>
        _beside.TryGetValue(trunk, out NextHop hop) && worker.Down.TryFind(hop, out DownMark? mark) && mark.Why is not null ? mark : null;

    /// <summary>Whether the trunk leaves the transport to DNS and us.</summary>
    public static bool IsForUsToChoose(TrunkSettings trunk) => (trunk.OutboundProxy ?? trunk.Server).Transport == TrunkTransport.Auto;

    /// <summary>Whether a request is too long for one datagram (RFC 3261 §18.1.1).</summary>
    /// <param name="carrier">To whom it goes.</param>
    /// <param name="length">Its octets, without the Vias that it gets on its way.</param>
    public static bool IsTooLong(CarrierSide carrier, int length) => length > LongestDatagram - Vias - (carrier.Authentication is null ? 0 : Credentials);

    /// <summary>A flow is gone: its edge said so, or is gone itself.</summary>
    public void Gone(EdgeFlow flow)
    {
        foreach ((FlowTarget target, EdgeFlow known) in _flows)
            if (known.IsSame(flow))
                _flows.Remove(target);
        foreach ((TrunkId trunk, uint edge) in _edges)
            if (edge == flow.Token.EdgeId && !tenant.Edges.Ids.Contains(edge))
                _edges.Remove(trunk);
    }

    /// <returns>The flow, a new object for this user of it; else the edge's status and why, 0 where there is no edge to ask.</returns>
    private async Task<(EdgeFlow? Flow, int Status, string? Fault)> FindWayAsync(TrunkSettings trunk, NextHop hop)
    {
        FlowTarget target = CarrierTargets.TargetOf(trunk, hop);
        if (ChooseEdge(trunk) is not { } edge)
            return (null, 0, "No edge is there");
        if (_flows.TryGetValue(target, out EdgeFlow? known) && known.Token.EdgeId == edge)
            return (Copy(known), 200, null);
        SipResponse answer = await AskAsync(edge, target);
        if (!answer.IsSuccess || answer.Headers.Get(FlowRequest.TokenField) is not { } text || EdgeFlow.Restore(tenant.Edges, tenant.Tenant, text) is not { } flow)
            return (null, answer.StatusCode, answer.ReasonPhrase);
        _flows[target] = flow;
        return (Copy(flow), 200, null);
    }

    private static NextHop Beside(EdgeFlow datagrams) => new(datagrams.Remote, SipTransport.Tcp);

    // What a call sets on its flow must not follow another one.
    private EdgeFlow Copy(EdgeFlow flow) => new(tenant.Edges, tenant.Tenant, flow.Token, flow.Text);

    // The one by which it left before, as long as that is there: its line is registered from there. At first the same one on whichever worker the tenant lives (rendezvous hashing).
    private uint? ChooseEdge(TrunkSettings trunk)
    {
        // Of a shared trunk: by which its keeper says that they are registered.
        if (worker.SharedLines.EdgeOf(trunk) is { } told && tenant.Edges.Ids.Contains(told))
            return told;
        bool hasLeft = _edges.TryGetValue(trunk.Id, out uint before);
        if (hasLeft && tenant.Edges.Ids.Contains(before))
            return before;
        uint? best = RankFirst(trunk);
        // A line stays where it is registered while its edge is missing for a moment; it tells when that is gone (Gone).
        if (best is { } edge && !(hasLeft && trunk.Kind == TrunkKind.Registered))
            _edges[trunk.Id] = edge;
        return best;
    }

    private uint? RankFirst(TrunkSettings trunk)
    {
        uint? best = null;
        ulong highest = 0;
        foreach (uint edge in tenant.Edges.Ids)
        {
            ulong rank = Rank((trunk.Kind == TrunkKind.Registered ? trunk.LinesOf : trunk.Id).Value, edge);
            if (best is null || rank > highest)
                (best, highest) = (edge, rank);
        }
        return best;
    }

    private static ulong Rank(Guid trunk, uint edge)
    {
        Span<byte> octets = stackalloc byte[20];
        trunk.TryWriteBytes(octets);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(octets[16..], edge);
        Span<byte> hash = stackalloc byte[32];
        System.Security.Cryptography.SHA256.HashData(octets, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(hash);
    }

    private Task<SipResponse> AskAsync(uint edge, FlowTarget target)
    {
        TaskCompletionSource<SipResponse> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SipRequest request = FlowRequest.Create(target, worker.Tokens);
        tenant.Agents.Transactions.Send(
            request, new EdgeDoorFlow(tenant.Edges, tenant.Tenant, edge),
            (_, response) =>
            {
                if (!response.IsProvisional)
                    done.TrySetResult(response);
            },
            (_, fault) => done.TrySetResult(SipResponse.For(request, EdgeAway, fault == TransactionFault.Timeout ? "The edge did not answer" : "The edge is gone")));
        return done.Task;
    }
}
