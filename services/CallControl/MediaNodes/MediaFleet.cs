using System.Collections.Concurrent;
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
        if ((NodeOf(conference, besides: before?.Node) ?? Choose(besides: before?.Node)) is not { } next)
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
        return Choose(besides: null, forHelp) is { } chosen ? _placements.GetOrAdd(session, static (_, node) => new Placement(node), chosen).Node : null;
    }

    private Node? Choose(Node? besides, bool forHelp = false)
    {
        Node[] nodes = [.. _nodes.Values.Where(node => node != besides)];
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
    internal void Note(CallId session, Node node, int? leg = null)
    {
        Placement placement = _placements.GetOrAdd(session, static (_, node) => new Placement(node), node);
        if (leg is { } number && placement.Add(number))
            node.Placed();
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
            if (placement.Node == node && _placements.TryRemove(new KeyValuePair<CallId, Placement>(session, placement)))
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

        public Node Node => node;

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

        /// <summary>The same session on another node.</summary>
        public Placement At(Node other, ConferenceId? conference)
        {
            var there = new Placement(other) { Conference = conference };
            lock (_legs)
                there._legs.UnionWith(_legs);
            return there;
        }

        public bool Add(int leg)
        {
            lock (_legs)
                return _legs.Add(leg);
        }

        /// <summary>Whether it was the last.</summary>
        public bool Remove(int leg)
        {
            lock (_legs)
            {
                _legs.Remove(leg);
                return _legs.Count == 0;
            }
        }
    }
}
