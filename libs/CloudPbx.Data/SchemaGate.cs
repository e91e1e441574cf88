namespace CloudPbx.Data;

/// <summary>Whether the schema fits this build, asked until it does and never again: a database that goes away later does not make a running service unready.</summary>
/// <remarks>Thread-safe; singleton. Background work that reads the database asks here first.</remarks>
public sealed class SchemaGate(IDatabaseSchema schema, IDatabaseFaults faults)
{
    private volatile bool _fits;

    /// <summary>Asks.</summary>
    /// <param name="cancel">Stops the asking.</param>
    /// <returns>A sentence that says what is wrong, or <see langword="null"/>: the schema fits, or did.</returns>
    public async ValueTask<string?> FindMismatchAsync(CancellationToken cancel)
    {
        if (_fits)
            return null;
        try
        {
            if (await schema.FindMismatchAsync(cancel).ConfigureAwait(false) is { } mismatch)
                return mismatch;
            _fits = true;
            return null;
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return "The database cannot be reached.";
        }
    }
}
