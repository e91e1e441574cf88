namespace CloudPbx.CallControl.Links;

/// <summary>Sends to an edge over its inner link.</summary>
internal interface IEdgeSender
{
    /// <summary>The edges that are linked now.</summary>
    IReadOnlyCollection<uint> Ids { get; }

    /// <summary>Queues a message; thread-safe, never waits.</summary>
    /// <param name="edgeId">The edge that has the flow.</param>
    /// <param name="orAny">Whether another edge may send it where that one is gone: on UDP a flow is no connection.</param>
    /// <param name="message">The message; copied.</param>
    /// <returns>False when there is no link to such an edge or its queue is full.</returns>
    bool TrySend(uint edgeId, bool orAny, ReadOnlySpan<byte> message);
}
