using System.Data.Common;
using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CloudPbx.Data.Postgres;

/// <summary>Tells PostgreSQL, at each opening of a connection, whose rows it may show. A context without tenant says so too: the policies then show nothing.</summary>
internal sealed class TenantConnectionInterceptor : DbConnectionInterceptor
{
    /// <summary>Says whose rows the policies show: $1, a tenant's identifier or nothing. For the session; the pool's reset removes it.</summary>
    public const string SetTenant = "select set_config('app.tenant_id', $1, false)";

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
    {
        using DbCommand command = Command(connection, eventData);
        command.ExecuteNonQuery();
    }

    public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        DbCommand command = Command(connection, eventData);
        await using (command.ConfigureAwait(false))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static DbCommand Command(DbConnection connection, ConnectionEndEventData eventData)
    {
        TenantId tenant = eventData.Context is PbxDbContext context ? context.CurrentTenant : default;
        DbCommand command = connection.CreateCommand();
        command.CommandText = SetTenant;
        DbParameter parameter = command.CreateParameter();
        parameter.Value = tenant == default ? "" : tenant.ToString();
        command.Parameters.Add(parameter);
        return command;
    }
}
