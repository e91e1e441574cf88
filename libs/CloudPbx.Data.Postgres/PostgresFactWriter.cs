using CloudPbx.Contracts.Ids;
using CloudPbx.Data.CallRecords;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Facts;
using CloudPbx.Data.Recordings;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql;

namespace CloudPbx.Data.Postgres;

/// <summary>Writes facts in one exchange with the server: all statements go together, up to one Sync, and so are one transaction (PostgreSQL manual, §54.2.3 and §54.2.4). The rows travel as JSON, a parameter for each table.</summary>
internal sealed class PostgresFactWriter : IFactWriter
{
    private const string TakeNumbers = """UPDATE tenant_sequences SET "last" = "last" + $2 WHERE tenant_id = $1""";

    private readonly string _connection;
    private readonly Lazy<Tables> _tables;                        // with the first facts: the model takes its time

    /// <param name="connection">The connection string of the tenants' role, as the context has it: both then share a pool.</param>
    /// <param name="database">Brings the model, which names tables, columns and types.</param>
    public PostgresFactWriter(string connection, IPbxDatabase database)
    {
        _connection = connection;
        _tables = new(() =>
        {
            using PbxDbContext db = database.OpenTenant(TenantId.New());        // whose does not matter
            return new Tables(db.Model);
        });
    }

    public async Task<SaveOutcome> WriteAsync(FactBatch batch, CancellationToken cancel)
    {
        Tables tables = _tables.Value;
        Dictionary<CallId, CallLadder> ladders = batch.Ladders.ToDictionary(ladder => ladder.Id);
        using PooledOctets records = new(), recordings = new(), awaited = new(), events = new();
        NpgsqlConnection connection = new(_connection);
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancel).ConfigureAwait(false);
            NpgsqlBatch statements = new(connection);
            await using (statements.ConfigureAwait(false))
            {
                Add(statements, TenantConnectionInterceptor.SetTenant, batch.TenantId.ToString());
                // The tenant's row first: it makes other writers wait, who may be about to write the same, and the numbers stand in the order of commits.
                NpgsqlBatchCommand numbers = Add(statements, TakeNumbers, batch.TenantId.Value, (long)batch.Count);
                AddRows(statements, tables.Records, records, batch.RecordsFrom(1), batch, record => ladders.GetValueOrDefault(record.Id));
                AddRows(statements, tables.Recordings, recordings, batch.RecordingsFrom(1), batch);
                AddRows(statements, tables.Awaited, awaited, batch.Awaited, batch);
                AddRows(statements, tables.Events, events, batch.EventsFrom(1), batch);
                try
                {
                    await statements.ExecuteNonQueryAsync(cancel).ConfigureAwait(false);
                }
                catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.UniqueViolation)
                {
                    return SaveOutcome.Duplicate;
                }
                catch (PostgresException fault) when (fault.SqlState is PostgresErrorCodes.ForeignKeyViolation)
                {
                    return SaveOutcome.MissingReference;
                }
                catch (PostgresException fault) when (!fault.IsTransient && fault.SqlState[..2] is "22" or "23")
                {
                    throw new DbUpdateException("A row cannot be stored.", fault);          // data exceptions and integrity constraints: it is the row's fault
                }
                return numbers.RecordsAffected == 0 ? SaveOutcome.MissingReference : SaveOutcome.Saved;      // without a tenant there was no row to take numbers from, and nothing was written
            }
        }
    }

    private static void AddRows<TRow>(
        NpgsqlBatch statements, JsonRows<TRow> table, PooledOctets octets, IEnumerable<TRow> rows, FactBatch batch, Func<TRow, object?>? besides = null)
        where TRow : class
    {
        if (table.Write(octets, rows, besides))
            Add(statements, table.Insert, batch.TenantId.Value, octets.Written, (long)batch.Count);
    }

    private static NpgsqlBatchCommand Add(NpgsqlBatch statements, string text, params ReadOnlySpan<object> values)
    {
        NpgsqlBatchCommand command = new(text);
        foreach (object value in values)
            command.Parameters.Add(value is ReadOnlyMemory<byte> json ? new NpgsqlParameter { Value = json, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Json } : new NpgsqlParameter { Value = value });
        statements.BatchCommands.Add(command);
        return command;
    }

    private sealed class Tables(IModel model)
    {
        public JsonRows<CallRecord> Records { get; } = new(model, beside: typeof(CallLadder));

        public JsonRows<Recording> Recordings { get; } = new(model);

        public JsonRows<AwaitedRecording> Awaited { get; } = new(model);

        public JsonRows<EventLogEntry> Events { get; } = new(model, "ON CONFLICT (tenant_id, id) DO NOTHING");        // what is told twice is there once
    }
}
