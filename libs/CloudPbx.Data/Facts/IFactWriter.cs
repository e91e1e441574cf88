using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Data.Facts;

/// <summary>Writes what happened, all of a batch in one transaction or nothing. A busy tenant's facts are most of what is written at all, so a provider may have a quicker way than change tracking.</summary>
public interface IFactWriter
{
    /// <summary>Takes the tenant's next sequence numbers and writes the rows under them.</summary>
    /// <param name="batch">The facts.</param>
    /// <param name="cancel">Stops the waiting; they may be written all the same.</param>
    /// <returns><see cref="SaveOutcome.Saved"/>; <see cref="SaveOutcome.Duplicate"/> where a call was there already; <see cref="SaveOutcome.MissingReference"/> where the tenant was deleted.</returns>
    /// <exception cref="DbUpdateException">A row cannot be stored, whoever tries.</exception>
    Task<SaveOutcome> WriteAsync(FactBatch batch, CancellationToken cancel);
}
