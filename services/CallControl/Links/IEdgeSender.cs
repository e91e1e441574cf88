namespace CloudPbx.CallControl.Links;

/// <summary>Sends to an edge over its inner link.</summary>
internal interface IEdgeSender
{
    /// <summary>Queues a message; thread-safe, never waits.</summary>
    /// <returns>False when there is no link to this edge or its queue is full.</returns>
    bool TrySend(uint edgeId, ReadOnlySpan<byte> message);
}
