namespace CloudPbx.Edge;

/// <summary>Whether the operator drains this edge: who is connected stays served, nobody new is taken.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EdgeDrain
{
    private volatile bool _isDraining;

    /// <summary>Whether it is so.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }
}
