using System.Text.Json;
using CloudPbx.Contracts.Events;
using CloudPbx.Data.EventLog;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.Tenants;

/// <summary>A change of one tenant's configuration: new version, rows and events in one transaction, or nothing.</summary>
/// <remarks>While it lasts, other changes of the same tenant wait. Disposing it unsaved undoes everything.</remarks>
public sealed class ConfigurationChange : IAsyncDisposable
{
    private readonly PbxDbContext _db;
    private readonly IDbContextTransaction _transaction;

    private ConfigurationChange(PbxDbContext db, IDbContextTransaction transaction, long version) =>
        (_db, _transaction, Version) = (db, transaction, version);

    /// <summary>The tenant's <c>config_version</c> once this is saved.</summary>
    public long Version { get; }

    internal static async Task<ConfigurationChange?> BeginAsync(PbxDbContext db, CancellationToken cancel)
    {
        IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
        try
        {
            // The row's lock is what the tenant's other writers wait for. What was read before it may be out of date: read after it.
            int rows = await db.Tenants.ExecuteUpdateAsync(set => set.SetProperty(t => t.ConfigVersion, t => t.ConfigVersion + 1), cancel).ConfigureAwait(false);
            if (rows == 1)
            {
                long version = await db.Tenants.Select(t => t.ConfigVersion).SingleAsync(cancel).ConfigureAwait(false);
                return new ConfigurationChange(db, transaction, version);
            }
        }
        catch
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        await transaction.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Writes the rows that the context tracks, the event, and commits.</summary>
    /// <param name="what">What was changed, for the event log: <c>extension 100 created</c>. Never a secret.</param>
    /// <param name="at">The present instant, UTC.</param>
    /// <param name="cancel">Stops the saving.</param>
    /// <returns>Whether it was saved; otherwise nothing was.</returns>
    public async Task<SaveOutcome> TrySaveAsync(string what, DateTime at, CancellationToken cancel)
    {
        List<TenantEvent> events = ConfigurationEvents.Of(_db.ChangeTracker, _db.CurrentTenant, at);
        events.Add(new TenantEvent
        {
            TenantId = _db.CurrentTenant,
            Id = Guid.CreateVersion7(),
            Type = EventTypes.ConfigurationChanged,
            At = at,
            Data = JsonSerializer.Serialize(new { version = Version, what }, JsonSerializerOptions.Web),
        });
        SaveOutcome outcome = await _db.TrySaveAsync(cancel).ConfigureAwait(false);
        if (outcome != SaveOutcome.Saved)
            return outcome;
        await _db.AppendEventsAsync(events, cancel).ConfigureAwait(false);
        await _db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await _transaction.CommitAsync(cancel).ConfigureAwait(false);
        return SaveOutcome.Saved;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transaction.DisposeAsync();
}
