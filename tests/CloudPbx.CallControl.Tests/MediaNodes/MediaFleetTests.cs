using CloudPbx.CallControl.Calls;
using CloudPbx.CallControl.MediaNodes;
using CloudPbx.CallControl.Tests.Fakes;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using CloudPbx.State.MediaNodes;

namespace CloudPbx.CallControl.Tests.MediaNodes;

public sealed class MediaFleetTests : IAsyncDisposable
{
    private static readonly LegPolicy s_help = new() { ForHelp = true };

    private readonly FakeLinks _links = new();
    private readonly MediaFleet _fleet;

    public MediaFleetTests() => _fleet = new MediaFleet(_links, new MediaSessions());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fleet.DisposeAsync();

    [Fact]
    public async Task A_call_begins_on_the_least_loaded_node_and_stays_there()
    {
        _fleet.SetNodes([Node("a", legs: 50), Node("b", legs: 10)]);
        IMediaNode door = _fleet.ForEpoch(1);
        LegId caller = new(CallId.New(), 0), callee = caller with { Leg = 1 };
        await door.ReceiveOfferAsync(caller, new LegPolicy(), "v=0", Cancel);
        _fleet.SetNodes([Node("a", legs: 0), Node("b", legs: 90)]);
        await door.OfferAsync(callee, new LegPolicy(), caller, Cancel);
        await door.BridgeAsync(caller, callee, Cancel);
        Assert.Equal(["receive-offer 0", "offer 1 avp like 0", "bridge 0 1"], _links["b"].Node.Commands);
        Assert.Empty(_links["a"].Node.Commands);
    }

    [Fact]
    public async Task Calls_placed_since_a_node_announced_itself_count()
    {
        _fleet.SetNodes([Node("a", legs: 0), Node("b", legs: 1)]);
        for (int i = 0; i < 4; i++)
            await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), new LegPolicy(), "v=0", Cancel);
        Assert.NotEmpty(_links["a"].Node.Commands);
        Assert.NotEmpty(_links["b"].Node.Commands);
    }

    [Fact]
    public async Task A_draining_or_unreachable_node_gets_no_new_call_and_without_any_other_the_call_is_refused()
    {
        _fleet.SetNodes([Node("a") with { IsDraining = true }, Node("b")]);
        _links["b"].IsConnected = false;
        LegDescription refused = await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), new LegPolicy(), "v=0", Cancel);
        Assert.Equal(LegFaults.NodeUnavailable, refused.Fault);
        _links["b"].IsConnected = true;
        Assert.True((await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), new LegPolicy(), "v=0", Cancel)).Accepted);
    }

    [Fact]
    public async Task S36_a_call_for_help_begins_on_a_node_that_drains_where_there_is_no_other()
    {
        _fleet.SetNodes([Node("a") with { IsDraining = true }, Node("b", legs: 90)]);
        Assert.True((await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), s_help, "v=0", Cancel)).Accepted);
        Assert.Empty(_links["a"].Node.Commands);
        _links["b"].IsConnected = false;
        Assert.True((await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), s_help, "v=0", Cancel)).Accepted);
        Assert.NotEmpty(_links["a"].Node.Commands);
        Assert.True((await _fleet.ForEpoch(1).OfferAsync(new LegId(CallId.New(), 0), s_help, null, Cancel)).Accepted);
    }

    [Theory]
    [InlineData(LegFaults.NoFreePort, new string[0])]
    [InlineData(LegFaults.NodeUnavailable, new[] { "remove 0" })]                    // it may have been slow only, and have made the leg
    public async Task S36_a_call_for_help_that_its_node_refuses_begins_on_another_one(string fault, string[] afterwards)
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 90)]);
        _links["a"].Node.RefusesAll = fault;
        IMediaNode door = _fleet.ForEpoch(1);
        LegId caller = new(CallId.New(), 0), callee = caller with { Leg = 1 };
        Assert.True((await door.ReceiveOfferAsync(caller, s_help, "v=0", Cancel)).Accepted);
        Assert.True((await door.OfferAsync(callee, s_help, caller, Cancel)).Accepted);
        Assert.Equal(["receive-offer 0", "offer 1 avp like 0"], _links["b"].Node.Commands);
        Assert.Equal(afterwards, _links["a"].Node.Commands);
    }

    [Fact]
    public async Task S36_a_call_for_help_whose_second_leg_is_refused_goes_elsewhere_with_the_first()
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 80), Node("c", legs: 90)]);
        IMediaNode door = _fleet.ForEpoch(1);
        LegId caller = new(CallId.New(), 0), callee = caller with { Leg = 1 };
        await door.ReceiveOfferAsync(caller, s_help, "v=0 caller's", Cancel);
        _links["a"].Node.RefusesAll = _links["b"].Node.RefusesAll = LegFaults.NoFreePort;
        Assert.True((await door.OfferAsync(callee, s_help, caller, Cancel)).Accepted);
        await door.BridgeAsync(caller, callee, Cancel);
        Assert.Equal(["receive-offer 0", "offer 1 avp like 0", "bridge 0 1"], _links["c"].Node.Commands);
        Assert.Equal(["v=0 caller's"], _links["c"].Node.Offers);
        Assert.Equal(["receive-offer 0", "remove 0"], _links["a"].Node.Commands);
    }

    [Fact]
    public async Task S36_where_the_caller_was_told_of_the_node_or_another_owner_began_it_a_call_for_help_stays()
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 90)]);
        IMediaNode door = _fleet.ForEpoch(1);
        LegId told = new(CallId.New(), 0), found = new(CallId.New(), 0), offered = new(CallId.New(), 0);
        await door.ReceiveOfferAsync(told, s_help, "v=0", Cancel);
        await door.AnswerAsync(told, null, Cancel);
        await door.OfferAsync(offered, s_help, null, Cancel);
        _links["b"].Node.Attaching = AttachOutcome.Unknown;
        await door.AttachAsync(found.Session, Cancel);
        _links["a"].Node.RefusesAll = LegFaults.NoFreePort;
        foreach (LegId leg in new[] { told, found, offered })
            Assert.Equal(LegFaults.NoFreePort, (await door.OfferAsync(leg with { Leg = 1 }, s_help, null, Cancel)).Fault);
        Assert.DoesNotContain("remove 0", _links["a"].Node.Commands);
        Assert.Equal(["attach"], _links["b"].Node.Commands);
    }

    [Fact]
    public async Task A_call_that_is_not_for_help_is_refused_with_its_node()
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 90)]);
        _links["a"].Node.RefusesAll = LegFaults.NoFreePort;
        Assert.Equal(LegFaults.NoFreePort, (await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), new LegPolicy(), "v=0", Cancel)).Fault);
        Assert.Empty(_links["b"].Node.Commands);
    }

    [Fact]
    public async Task S36_a_call_for_help_outlives_its_node_until_somebody_was_told_of_it()
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 90)]);
        IMediaNode door = _fleet.ForEpoch(1);
        LegId caller = new(CallId.New(), 0), callee = caller with { Leg = 1 };
        await door.ReceiveOfferAsync(caller, s_help, "v=0", Cancel);
        _links["a"].Lose();
        Assert.True((await door.OfferAsync(callee, s_help, caller, Cancel)).Accepted);
        Assert.Equal(["receive-offer 0", "offer 1 avp like 0"], _links["b"].Node.Commands);
    }

    [Fact]
    public async Task A_session_of_another_owner_is_found_by_asking_all_nodes_and_kept_until_its_legs_end()
    {
        _fleet.SetNodes([Node("a"), Node("b")]);
        _links["a"].Node.Attaching = AttachOutcome.Unknown;
        var session = CallId.New();
        IMediaNode door = _fleet.ForEpoch(7);
        Assert.Equal(AttachOutcome.Attached, await door.AttachAsync(session, Cancel));
        await door.OfferAsync(new LegId(session, 1), new LegPolicy(), null, Cancel);
        await door.RemoveAsync(new LegId(session, 1), Cancel);
        await door.RemoveAsync(new LegId(session, 0), Cancel);                    // looked for again: nobody has told of this leg
        Assert.Equal(["attach", "offer 1 avp like nobody", "remove 1", "attach", "remove 0"], _links["b"].Node.Commands);
        Assert.Equal(["attach", "attach"], _links["a"].Node.Commands);
    }

    [Fact]
    public async Task A_node_that_does_not_answer_keeps_nobody_waiting_for_the_one_that_has_the_session()
    {
        _fleet.SetNodes([Node("a"), Node("b")]);
        _links["a"].Node.IsSilent = true;
        Assert.Equal(AttachOutcome.Attached, await _fleet.ForEpoch(7).AttachAsync(CallId.New(), Cancel).WaitAsync(Patience.Limit, Cancel));
    }

    [Theory]
    [InlineData(AttachOutcome.Unknown, AttachOutcome.Unknown, AttachOutcome.Unknown)]
    [InlineData(AttachOutcome.Unknown, AttachOutcome.Away, AttachOutcome.Away)]         // it may be there
    [InlineData(AttachOutcome.Stale, AttachOutcome.Away, AttachOutcome.Stale)]
    public async Task What_the_nodes_say_of_a_session_adds_up(AttachOutcome a, AttachOutcome b, AttachOutcome expected)
    {
        _fleet.SetNodes([Node("a"), Node("b")]);
        (_links["a"].Node.Attaching, _links["b"].Node.Attaching) = (a, b);
        Assert.Equal(expected, await _fleet.ForEpoch(7).AttachAsync(CallId.New(), Cancel));
    }

    [Fact]
    public async Task Without_any_node_a_session_is_away() => Assert.Equal(AttachOutcome.Away, await _fleet.ForEpoch(7).AttachAsync(CallId.New(), Cancel));

    [Fact]
    public async Task A_node_that_Redis_has_forgotten_is_used_while_its_stream_stands()
    {
        _fleet.SetNodes([Node("a")]);
        _fleet.SetNodes([]);
        Assert.True((await _fleet.ForEpoch(1).ReceiveOfferAsync(new LegId(CallId.New(), 0), new LegPolicy(), "v=0", Cancel)).Accepted);
        Assert.False(_links["a"].IsDisposed);
    }

    [Fact]
    public void A_node_that_is_gone_is_let_go()
    {
        _fleet.SetNodes([Node("a")]);
        _links["a"].IsConnected = false;
        _fleet.SetNodes([]);
        Assert.True(_links["a"].IsDisposed);
    }

    [Fact]
    public async Task A_session_that_moves_goes_to_another_node_and_back_where_that_was_in_vain()
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 50)]);
        IMediaNode door = _fleet.ForEpoch(1);
        LegId leg = new(CallId.New(), 0);
        await door.ReceiveOfferAsync(leg, new LegPolicy(), "v=0", Cancel);
        using (MediaMove? move = await door.MoveAsync(leg.Session, null, Cancel))
        {
            await move!.Former!.RemoveAsync(leg, Cancel);
            await move.Next.RestoreAsync(leg, new LegPolicy(), "state", Cancel);
            await door.EchoAsync(leg, Cancel);
            Assert.Equal(["restore 0 state", "echo 0"], _links["b"].Node.Commands);
            Assert.Equal(["receive-offer 0", "remove 0"], _links["a"].Node.Commands);
            move.Undo();
        }
        await door.StopAsync(leg, Cancel);
        Assert.Equal("stop 0", _links["a"].Node.Commands.Last());
    }

    [Fact]
    public async Task All_parties_of_a_conference_move_to_one_node_and_who_comes_meanwhile_begins_there()
    {
        _fleet.SetNodes([Node("a"), Node("b", legs: 50), Node("c", legs: 50)]);
        IMediaNode door = _fleet.ForEpoch(1);
        ConferenceId room = ConferenceId.New();
        CallId[] calls = [CallId.New(), CallId.New(), CallId.New()];
        foreach (CallId call in calls)
        {
            await door.PlaceAsync(call, room, Cancel);
            await door.ReceiveOfferAsync(new LegId(call, 0), new LegPolicy(), "v=0", Cancel);
        }
        _fleet.SetNodes([Node("a") with { IsDraining = true }, Node("b", legs: 50), Node("c", legs: 50)]);
        List<IMediaNode> next = [];
        foreach (CallId call in calls)
        {
            using MediaMove? move = await door.MoveAsync(call, room, Cancel);
            next.Add(move!.Next);
        }
        Assert.Single(next.Distinct());
        CallId late = CallId.New();
        await door.PlaceAsync(late, room, Cancel);
        await door.ReceiveOfferAsync(new LegId(late, 0), new LegPolicy(), "v=0", Cancel);
        Assert.Contains("receive-offer 0", ((FakeMedia)next[0]).Commands);
    }

    [Fact]
    public async Task Without_another_node_a_session_stays()
    {
        _fleet.SetNodes([Node("a")]);
        IMediaNode door = _fleet.ForEpoch(1);
        LegId leg = new(CallId.New(), 0);
        await door.ReceiveOfferAsync(leg, new LegPolicy(), "v=0", Cancel);
        Assert.Null(await door.MoveAsync(leg.Session, null, Cancel));
        await door.EchoAsync(leg, Cancel);
        Assert.Equal("echo 0", _links["a"].Node.Commands.Last());
    }

    private static MediaNodeAddress Node(string id, int legs = 0) => new(id, $"unix:/{id}") { Legs = legs, Capacity = 100 };

    private sealed class FakeLinks : IMediaLinks
    {
        private readonly Dictionary<string, FakeLink> _all = [];

        public FakeLink this[string node] => _all[node];

        public IMediaLink Open(MediaNodeAddress node, IMediaEvents events) => _all[node.NodeId] = new FakeLink(events);
    }

    private sealed class FakeLink(IMediaEvents events) : IMediaLink
    {
        public FakeMedia Node { get; } = new();

        public bool IsConnected { get; set; } = true;

        public bool IsDisposed { get; private set; }

        public IMediaNode ForEpoch(long epoch) => Node;

        /// <summary>The node is gone with its sessions.</summary>
        public void Lose()
        {
            IsConnected = false;
            Node.RefusesAll = LegFaults.NodeUnavailable;
            events.NodeLost();
        }

        public ValueTask DisposeAsync()
        {
            IsDisposed = true;
            return ValueTask.CompletedTask;
        }
    }
}
