namespace CloudPbx.Data;

/// <summary>What became of a save. Only a database that is away, or a bug, throws.</summary>
public enum SaveOutcome
{
    /// <summary>Everything is written.</summary>
    Saved,

    /// <summary>Nothing is written: a unique index refused it.</summary>
    Duplicate,

    /// <summary>Nothing is written: somebody else changed or deleted a row since it was read.</summary>
    Conflict,

    /// <summary>Nothing is written: a row that is referred to is not there (any more).</summary>
    MissingReference,
}
