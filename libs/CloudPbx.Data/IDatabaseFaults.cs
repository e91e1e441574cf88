using System.Data.Common;

namespace CloudPbx.Data;

/// <summary>Tells a provider's faults apart.</summary>
public interface IDatabaseFaults
{
    /// <summary>Whether a unique index or primary key refused a row.</summary>
    /// <param name="fault">What the provider threw.</param>
    bool IsDuplicate(DbException fault);

    /// <summary>Whether a foreign key refused a row.</summary>
    /// <param name="fault">What the provider threw.</param>
    bool IsMissingReference(DbException fault);

    /// <summary>Whether the database cannot be reached, is starting, stopping, full or locked for too long: trying later may help.</summary>
    /// <param name="fault">What was thrown, wrapped or not.</param>
    bool IsAway(Exception fault);
}
