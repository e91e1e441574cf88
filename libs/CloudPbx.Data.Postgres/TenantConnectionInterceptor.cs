using System.Data.Common;
using CloudPbx.Contracts.Ids;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CloudPbx.Data.Postgres;

/// <summary>Tells PostgreSQL, at each opening of a connection, whose rows it may show. A context without tenant says so too: the policies then show nothing.</summary>
internal sealed class TenantConnectionInterceptor : DbConnectionInterceptor
{
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
        command.CommandText = "select set_config('app.tenant_id', @tenant, false)";      // false: for the session; the pool's reset removes it
        DbParameter parameter = command.CreateParameter();
        parameter.ParameterName = "tenant";
        parameter.Value = tenant == default ? "" : tenant.ToString();
        command.Parameters.Add(parameter);
        return command;
    }
}
