using System.Collections.Concurrent;
using CloudPbx.Sip.Proxying;

namespace CloudPbx.CallControl.Links;

/// <summary>Which link leads to which edge now.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EdgeDirectory : IEdgeSender
{
    private readonly ConcurrentDictionary<uint, InnerLink> _links = new();

    /// <inheritdoc/>
    public IReadOnlyCollection<uint> Ids => [.. _links.Keys];

    /// <summary>Remembers an edge's link; the latest wins, since the edge dialled again.</summary>
    /// <returns>False when it is known already.</returns>
    public bool Add(uint edge, InnerLink link)
    {
        if (_links.TryGetValue(edge, out InnerLink? known) && ReferenceEquals(known, link))
            return false;
        _links[edge] = link;
        return true;
    }

    /// <summary>Forgets a link that ended.</summary>
    /// <returns>The edges that are gone with it.</returns>
    public IReadOnlyList<uint> Remove(InnerLink link)
    {
        List<uint> gone = [];
        foreach ((uint edge, InnerLink known) in _links)
            if (ReferenceEquals(known, link) && _links.TryRemove(new(edge, link)))
                gone.Add(edge);
        return gone;
    }

    /// <summary>Tells all edges something.</summary>
    public void Tell(ReadOnlySpan<byte> message)
    {
        foreach (InnerLink link in _links.Values.Distinct())
            link.TrySend(message);
    }

    /// <inheritdoc/>
    public bool TrySend(uint edgeId, bool orAny, ReadOnlySpan<byte> message)
    {
        if (_links.TryGetValue(edgeId, out InnerLink? link))
            return link.TrySend(message);
        if (orAny)
            foreach (InnerLink other in _links.Values)
                if (other.TrySend(message))
                    return true;
        return false;
    }
}
