using System.Collections.Concurrent;
using System.Collections.Immutable;
using CloudPbx.CallControl.Calls;
using CloudPbx.Contracts.Ids;
using CloudPbx.MediaControl;
using CloudPbx.State.MediaNodes;

namespace CloudPbx.CallControl.MediaNodes;

/// <summary>
/// The installation's media nodes, found by Redis, with a stream to each. A session stays on the node it began on; one that another owner began is found by asking
/// all nodes for it.
/// </summary>
/// <remarks>Thread-safe. A node that Redis no longer lists is used for as long as its stream stands: Redis may have lost its data.</remarks>
internal sealed class MediaFleet(IMediaLinks links, MediaSessions sessions) : IAsyncDisposable
{
    private const int MovesAtOnce = 50;

    private readonly ConcurrentDictionary<string, Node> _nodes = new();
    private readonly ConcurrentDictionary<CallId, Placement> _placements = new();
    private readonly ConcurrentDictionary<CallId, Task<AttachOutcome>> _asking = new();
    private readonly SemaphoreSlim _moving = new(MovesAtOnce);    // each is a re-INVITE to every party

    /// <summary>Whether any node can be reached.</summary>
    public bool IsAnyConnected => _nodes.Values.Any(node => node.Link.IsConnected);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (Node node in _nodes.Values)
            await node.Link.DisposeAsync();
        _nodes.Clear();
        _moving.Dispose();
    }

    /// <summary>The door for an owner's epoch: each command goes to the node of its session.</summary>
    public IMediaNode ForEpoch(long epoch) => new FleetDoor(this, epoch);

    /// <summary>Takes the list of live nodes; called one at a time.</summary>
    internal void SetNodes(IReadOnlyList<MediaNodeAddress> announced)
    {
        foreach (MediaNodeAddress address in announced)
        {
            if (_nodes.TryGetValue(address.NodeId, out Node? known))
                known.Announce(address);
            else
                _nodes[address.NodeId] = new Node(address, this, links);
        }
        foreach (Node node in _nodes.Values)
        {
            if (announced.Any(a => a.NodeId == node.Id) || node.Link.IsConnected)
                continue;
            if (announced.Count > 0)
                Lost(node);                                               // neither Redis nor we hear of it: its machine is gone, and others live
            if (!_placements.Values.Any(p => p.Node == node) && _nodes.TryRemove(node.Id, out _))
                _ = node.Link.DisposeAsync().AsTask();                    // owns nothing that could fail
        }
        LeaveDraining();
    }

    /// <summary>Has the sessions on nodes that drain go elsewhere. A call that cannot now is told again with the next look.</summary>
    internal void LeaveDraining()
    {
        foreach ((CallId session, Placement placement) in _placements)
        {
            if (placement.Node.Announced.IsDraining)
                sessions.Leave(session);
        }
    }

    /// <summary>Has a session's next commands go to another node.</summary>
    internal async Task<MediaMove?> MoveAsync(CallId session, ConferenceId? conference, long epoch, CancellationToken cancel)
    {
        await SettledAsync(session);
        await _moving.WaitAsync(cancel);
        Placement? before = _placements.GetValueOrDefault(session);
        if ((NodeOf(conference, besides: before?.Node) ?? Choose(besides: before is null ? [] : [before.Node])) is not { } next)
        {
            _moving.Release();
            return null;
        }
        Placement after = before?.At(next, conference) ?? new Placement(next) { Conference = conference };
        _placements[session] = after;
        for (int leg = 0; leg < after.Legs; leg++)
            next.Placed();                                        // those that move at once go to several nodes
        return new MediaMove(before?.Node.Link.ForEpoch(epoch), next.Link.ForEpoch(epoch), Undo, () => _moving.Release());

        void Undo()
        {
            if (before is null)
                _placements.TryRemove(new KeyValuePair<CallId, Placement>(session, after));
            else
                _placements[session] = before;
        }
    }

    /// <summary>The node of a session.</summary>
    internal Node? Find(CallId session) => _placements.GetValueOrDefault(session)?.Node;

    /// <summary>The node of a session, chosen now if the session is new.</summary>
    internal Node? FindOrChoose(CallId session, bool forHelp = false)
    {
        if (Find(session) is { } placed)
            return placed;
        return Choose(besides: [], forHelp) is { } chosen ? _placements.GetOrAdd(session, static (_, at) => new Placement(at.Node) { IsForHelp = at.ForHelp }, (Node: chosen, ForHelp: forHelp)).Node : null;
    }

    private Node? Choose(IReadOnlyCollection<Node> besides, bool forHelp = false)
    {
        Node[] nodes = [.. _nodes.Values.Where(node => !besides.Contains(node))];
        int choice = NodeChoice.Choose([.. nodes.Select(node => (node.Announced, node.Link.IsConnected, node.PlacedSince))], forHelp);
        return choice < 0 ? null : nodes[choice];
    }

    /// <summary>Has a session begin on the node of a conference; the first one chooses it.</summary>
    internal void PlaceBeside(CallId session, ConferenceId conference)
    {
        if (Find(session) is null && NodeOf(conference) is { } node)
            _placements.TryAdd(session, new Placement(node) { Conference = conference });
        else if (FindOrChoose(session) is not null && _placements.TryGetValue(session, out Placement? placement))
            placement.Conference = conference;
    }

    /// <summary>Has a session begin on the node of another one, where that is known.</summary>
    internal void PlaceBeside(CallId session, CallId other)
    {
        if (Find(other) is { } node)
            _placements.TryAdd(session, new Placement(node));
    }

    /// <summary>Whether a session stands on the node of a conference; where nobody else is known to take part, the conference is where the session is.</summary>
    internal bool IsBeside(CallId session, ConferenceId conference)
    {
        if (!_placements.TryGetValue(session, out Placement? placement) || (NodeOf(conference) is { } node && node != placement.Node))
            return false;
        placement.Conference = conference;
        return true;
    }

    /// <summary>The node of a conference; while its parties leave one, the one that they go to.</summary>
    private Node? NodeOf(ConferenceId? conference, Node? besides = null) => conference is null ? null : _placements.Values
        .Where(p => p.Conference == conference && p.Node != besides && (besides is null || (p.Node.Link.IsConnected && !p.Node.Announced.IsDraining)))
        .OrderBy(p => p.Node.Announced.IsDraining)
        .FirstOrDefault()?.Node;

    /// <summary>Remembers that a session stands on a node, with this leg.</summary>
    /// <param name="session">The session.</param>
    /// <param name="node">Its node.</param>
    /// <param name="leg">The leg; null where that is not known.</param>
    /// <param name="remake">How a leg of a call for help is made on another node, as long as its peer was told of none; null for any other.</param>
    internal void Note(CallId session, Node node, int? leg = null, Func<IMediaNode, Task<LegDescription>>? remake = null)
    {
        Placement placement = _placements.GetOrAdd(session, static (_, node) => new Placement(node), node);
        if (leg is not { } number)
            placement.IsFound = true;
        else if (placement.Add(number, remake))
            node.Placed();
    }

    /// <summary>A leg's peer is about to be told of the node: the leg stays there.</summary>
    internal void Told(LegId leg) => _placements.GetValueOrDefault(leg.Session)?.Told(leg.Leg);

    /// <summary>Whether nobody was told yet of the node on which a leg is to be made: it may be made on another one.</summary>
    internal bool IsUntold(LegId leg) => _placements.GetValueOrDefault(leg.Session) is not { } placement || (placement.IsUntold && !placement.Remakes.ContainsKey(leg.Leg));

    /// <summary>Takes a call for help from a node that could not make one of its legs to another one (SECURITY.md S36). The legs that were made are made there first; where a peer was told of its leg's node, the call stays.</summary>
    /// <param name="session">The call's session, without the leg that could not be made.</param>
    /// <param name="epoch">The owner's.</param>
    /// <param name="tried">The nodes that could not serve it; those that cannot take its other legs are added.</param>
    /// <returns>The node; null where there is none.</returns>
    internal async Task<Node?> GoElsewhereAsync(CallId session, long epoch, List<Node> tried)
    {
        Placement? before = _placements.GetValueOrDefault(session);
        if (before is { IsUntold: false })
            return null;
        while (Choose(tried, forHelp: true) is { } next)
        {
            tried.Add(next);
            if (before is null || await RemakeAsync(session, before, next, epoch))
                return next;
        }
        return null;
    }

    private async Task<bool> RemakeAsync(CallId session, Placement before, Node next, long epoch)
    {
        IMediaNode there = next.Link.ForEpoch(epoch);
        ImmutableDictionary<int, Func<IMediaNode, Task<LegDescription>>> remakes = before.Remakes;
        bool moved = false;
        try
        {
            foreach (Func<IMediaNode, Task<LegDescription>> remake in remakes.Values)
                if (!(await remake(there)).Accepted)
                    return false;
            // Who gave up meanwhile has had his leg removed where it was.
            return moved = before.Legs == remakes.Count && _placements.TryUpdate(session, before.At(next, before.Conference), before);
        }
        finally
        {
            IMediaNode left = moved ? before.Node.Link.ForEpoch(epoch) : there;
            foreach (int leg in remakes.Keys)
                _ = left.RemoveAsync(new LegId(session, leg), CancellationToken.None);        // which may be silent: nobody waits for its figures
        }
    }

    /// <summary>A leg has ended; the session is forgotten with the last that is known of. Asked for again, it is looked for.</summary>
    internal void Removed(LegId leg)
    {
        if (_placements.TryGetValue(leg.Session, out Placement? placement) && placement.Remove(leg.Leg))
            _placements.TryRemove(new KeyValuePair<CallId, Placement>(leg.Session, placement));
    }

    /// <summary>Asks all nodes for a session. What is asked of the session meanwhile waits for the answer.</summary>
    internal async Task<AttachOutcome> AttachAsync(CallId session, long epoch, CancellationToken cancel)
    {
        Task<AttachOutcome> asking = AskAsync(session, epoch, cancel);
        _asking[session] = asking;
        try
        {
            return await asking;
        }
        finally
        {
            _asking.TryRemove(new KeyValuePair<CallId, Task<AttachOutcome>>(session, asking));
        }
    }

    /// <summary>Whether somebody looks for the session now.</summary>
    internal bool IsAsking(CallId session) => !_asking.IsEmpty && _asking.ContainsKey(session);

    /// <summary>Completes when nobody looks for the session any more.</summary>
    internal async ValueTask SettledAsync(CallId session)
    {
        if (_asking.TryGetValue(session, out Task<AttachOutcome>? asking))
            await ((Task)asking).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<AttachOutcome> AskAsync(CallId session, long epoch, CancellationToken cancel)
    {
        Node[] asked = Find(session) is { } known ? [known] : [.. _nodes.Values];
        List<AttachOutcome> answers = [];
        // The first that has it: one that is gone, and is announced still, would keep the call waiting for seconds.
        await foreach (Task<(Node Node, AttachOutcome Outcome)> asking in Task.WhenEach(asked.Select(AskNodeAsync)))
        {
            (Node node, AttachOutcome outcome) = await asking;
            if (outcome is AttachOutcome.Attached)
            {
                Note(session, node);
                return outcome;
            }
            answers.Add(outcome);
        }
        return answers.Contains(AttachOutcome.Stale) ? AttachOutcome.Stale
            : answers.Count == 0 || answers.Contains(AttachOutcome.Away) ? AttachOutcome.Away       // it may have been there
            : AttachOutcome.Unknown;

        async Task<(Node, AttachOutcome)> AskNodeAsync(Node node) => (node, await node.Link.ForEpoch(epoch).AttachAsync(session, cancel));
    }

    private void Lost(Node node)
    {
        foreach ((CallId session, Placement placement) in _placements)
        {
            if (placement.Node == node && !placement.IsUntold && _placements.TryRemove(new KeyValuePair<CallId, Placement>(session, placement)))
                sessions.Lost(session);
        }
    }

    /// <summary>One node, and what is known of it.</summary>
    internal sealed class Node : IMediaEvents
    {
        private readonly MediaFleet _fleet;
        private volatile MediaNodeAddress _announced;
        private int _placedSince;

        public Node(MediaNodeAddress address, MediaFleet fleet, IMediaLinks links)
        {
            (_announced, _fleet) = (address, fleet);
            Link = links.Open(address, this);
        }

        public string Id => _announced.NodeId;

        public MediaNodeAddress Announced => _announced;

        public int PlacedSince => Volatile.Read(ref _placedSince);

        public IMediaLink Link { get; }

        public void Announce(MediaNodeAddress address)
        {
            if (address == _announced)
                return;                     // another node's news
            _announced = address;
            Volatile.Write(ref _placedSince, 0);
        }

        public void Placed() => Interlocked.Increment(ref _placedSince);

        void IMediaEvents.DigitReceived(LegId leg, char digit, int durationMs) => _fleet.Sessions.DigitReceived(leg, digit, durationMs);

        void IMediaEvents.PromptEnded(LegId leg, string name, PromptEnd end, char? digit) => _fleet.Sessions.PromptEnded(leg, name, end, digit);

        void IMediaEvents.SpeakingChanged(LegId leg, bool speaks) => _fleet.Sessions.SpeakingChanged(leg, speaks);

        void IMediaEvents.LegSilent(LegId leg) => _fleet.Sessions.LegSilent(leg);

        void IMediaEvents.NodeLost() => _fleet.Lost(this);
    }

    private MediaSessions Sessions => sessions;

    /// <summary>Where a session stands, and which of its legs we know.</summary>
    private sealed class Placement(Node node)
    {
        private readonly HashSet<int> _legs = [];
        private ImmutableDictionary<int, Func<IMediaNode, Task<LegDescription>>> _remakes = ImmutableDictionary<int, Func<IMediaNode, Task<LegDescription>>>.Empty;

        public Node Node => node;

        /// <summary>Whether a call for help began there.</summary>
        public bool IsForHelp { get; init; }

        /// <summary>Whether it was asked for: there are legs that we do not know.</summary>
        public bool IsFound { get; set; }

        /// <summary>What the session takes part in.</summary>
        public ConferenceId? Conference { get; set; }

        /// <summary>How many of its legs we know.</summary>
        public int Legs
        {
            get
            {
                lock (_legs)
                    return _legs.Count;
            }
        }

        /// <summary>How those legs of a call for help are made anew whose peers were not told of the node.</summary>
        public ImmutableDictionary<int, Func<IMediaNode, Task<LegDescription>>> Remakes
        {
            get
            {
                lock (_legs)
                    return _remakes;
            }
        }

        /// <summary>Whether it is a call for help that can begin on another node still: nobody was told of this one.</summary>
        public bool IsUntold
        {
            get
            {
                lock (_legs)
                    return !IsFound && _remakes.Count == _legs.Count && (IsForHelp || _legs.Count > 0);
            }
        }

        /// <summary>The same session on another node.</summary>
        public Placement At(Node other, ConferenceId? conference)
        {
            var there = new Placement(other) { Conference = conference, IsForHelp = IsForHelp, IsFound = IsFound };
            lock (_legs)
            {
                there._legs.UnionWith(_legs);
                there._remakes = _remakes;
            }
            return there;
        }

        public bool Add(int leg, Func<IMediaNode, Task<LegDescription>>? remake)
        {
            lock (_legs)
            {
                if (!_legs.Add(leg))
                    return false;
                if (remake is not null)
                    _remakes = _remakes.Add(leg, remake);
                return true;
            }
        }

        public void Told(int leg)
        {
            lock (_legs)
                _remakes = _remakes.Remove(leg);
        }

        /// <summary>Whether it was the last.</summary>
        public bool Remove(int leg)
        {
            lock (_legs)
            {
                _legs.Remove(leg);
                _remakes = _remakes.Remove(leg);
                return _legs.Count == 0;
            }
        }
    }
}
