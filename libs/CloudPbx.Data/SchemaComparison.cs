namespace CloudPbx.Data;

/// <summary>Compares the migrations that were run with those of this build.</summary>
public static class SchemaComparison
{
    /// <summary>Says what does not fit.</summary>
    /// <param name="applied">The migrations that the database has seen, in order.</param>
    /// <param name="known">The migrations of this build, in order.</param>
    /// <returns>A sentence, or <see langword="null"/> where they are the same.</returns>
    public static string? Describe(IReadOnlyCollection<string> applied, IReadOnlyCollection<string> known)
    {
        if (known.Except(applied).FirstOrDefault() is { } missing)
            return $"The database's schema is older than this build: {missing} has not been run. Run Api --migrate of this version.";
        if (applied.Except(known).FirstOrDefault() is { } newer)
            return $"The database's schema is newer than this build: it has seen {newer}. Start the version that ran it.";
        return null;
    }
}
