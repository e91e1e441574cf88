using System.Data.Common;
using Npgsql;

namespace CloudPbx.Data.Postgres;

/// <summary>PostgreSQL's error codes (appendix A of its manual).</summary>
internal sealed class PostgresFaults : IDatabaseFaults
{
    public bool IsDuplicate(DbException fault) => fault is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };

    public bool IsMissingReference(DbException fault) => fault is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation };

    public bool IsAway(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                // A deadlock or a serialisation failure is transient too: the client may try again.
                case PostgresException answer:
                    return answer.IsTransient
                        || answer.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown;
                case NpgsqlException:
                    return true;                                                        // no answer: connecting, reading or writing failed
            }
        }
        return false;
    }
}
