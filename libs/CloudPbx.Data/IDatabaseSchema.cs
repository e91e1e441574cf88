namespace CloudPbx.Data;

/// <summary>The database's schema against this build's.</summary>
public interface IDatabaseSchema
{
    /// <summary>Brings the schema up to this build, as the owner of the tables. Called by <c>Api --migrate</c> and by all-in-one at its start, and by nobody else.</summary>
    /// <param name="cancel">Stops between two migrations.</param>
    Task MigrateAsync(CancellationToken cancel);

    /// <summary>Compares the schema with this build.</summary>
    /// <param name="cancel">Stops the comparison.</param>
    /// <returns>A sentence that says what does not fit and what to do, or <see langword="null"/> where it fits.</returns>
    Task<string?> FindMismatchAsync(CancellationToken cancel);

    /// <summary>Makes what the schema needs as time goes on: the partitions of the months to come, where the provider has such. Called again and again, and by several processes at once.</summary>
    /// <param name="cancel">Stops it.</param>
    /// <returns>How many partitions were made.</returns>
    Task<int> ExtendAsync(CancellationToken cancel);
}
