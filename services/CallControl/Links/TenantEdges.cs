namespace CloudPbx.CallControl.Links;

/// <summary>The edges as one activation of a tenant reaches them: silent once the tenant has left, whatever its late tasks still want to say.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class TenantEdges(IEdgeSender edges) : IEdgeSender
{
    private volatile bool _closed;

    /// <inheritdoc/>
    public IReadOnlyCollection<uint> Ids => edges.Ids;

    /// <summary>The tenant has left: another worker speaks for it.</summary>
    public void Close() => _closed = true;

    /// <inheritdoc/>
    public bool TrySend(uint edgeId, bool orAny, ReadOnlySpan<byte> message) => _closed || edges.TrySend(edgeId, orAny, message);
}
