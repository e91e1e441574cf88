namespace CloudPbx.State;

/// <summary>What became of a write.</summary>
public enum StoreOutcome
{
    /// <summary>It is written.</summary>
    Done,

    /// <summary>Refused: somebody with a higher epoch or version wrote before. The writer no longer owns the tenant.</summary>
    Stale,

    /// <summary>Redis is away or too slow. It may be written or not; writing again does no harm.</summary>
    Away,
}
