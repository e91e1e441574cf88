using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace CloudPbx.Data.Sqlite;

/// <summary>SQLite's result codes (sqlite.org/rescode.html).</summary>
internal sealed class SqliteFaults : IDatabaseFaults
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int InputOutput = 10;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int ForeignKey = 787;
    private const int PrimaryKey = 1555;
    private const int Restricted = 1811;            // SQLITE_CONSTRAINT_TRIGGER: ON DELETE RESTRICT works by one
    private const int Unique = 2067;

    public bool IsDuplicate(DbException fault) => fault is SqliteException { SqliteExtendedErrorCode: Unique or PrimaryKey };

    public bool IsMissingReference(DbException fault) => fault is SqliteException { SqliteExtendedErrorCode: ForeignKey or Restricted };

    public bool IsAway(Exception fault)
    {
        for (Exception? cause = fault; cause is not null; cause = cause.InnerException)
        {
            if (cause is SqliteException { SqliteErrorCode: Busy or Locked or ReadOnly or InputOutput or Full or CannotOpen })
                return true;
        }
        return false;
    }
}
