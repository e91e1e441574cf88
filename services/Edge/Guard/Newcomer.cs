namespace CloudPbx.Edge.Guard;

/// <summary>A connection that is no flow yet.</summary>
/// <param name="since">When it was admitted, as a timestamp of the clock.</param>
/// <param name="abort">Closes it.</param>
internal sealed class Newcomer(long since, Action abort)
{
    /// <summary>When it was admitted, as a timestamp of the clock.</summary>
    public long Since => since;

    /// <summary>Closes it.</summary>
    public void Abort() => abort();
}
