using System.Data.Common;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;

namespace CloudPbx.Data;

/// <summary>One tenant's rows: every query is filtered by the scope's tenant, by EF Core and again by PostgreSQL. A scope without tenant sees nothing.</summary>
/// <remarks>Scoped, not thread-safe, like every context.</remarks>
public sealed class PbxDbContext : PbxModel
{
    /// <summary>Name of the query filter.</summary>
    public const string TenantFilter = "tenant";

    private const string PostgresProvider = "Npgsql.EntityFrameworkCore.PostgreSQL";      // SQLite has no plans to choose among

    private readonly TenantContext _tenant;
    private readonly IDatabaseFaults _faults;

    /// <summary>Makes a context.</summary>
    /// <param name="options">The provider's options.</param>
    /// <param name="tenant">Whose rows; may be entered until the first query.</param>
    /// <param name="faults">Tells the provider's faults apart.</param>
    public PbxDbContext(DbContextOptions<PbxDbContext> options, TenantContext tenant, IDatabaseFaults faults)
        : base(options) =>
        (_tenant, _faults) = (tenant, faults);

    /// <summary>Whose rows the context sees; the empty one, which owns nothing, while the scope has no tenant.</summary>
    public TenantId CurrentTenant => _tenant.IsSet ? _tenant.TenantId : default;

    /// <summary>The shared trunk that is seen where whoever keeps its lines takes the tenant's place (<see cref="Trunks.GlobalTrunk.Keeper"/>); no tenant has the identifier of one.</summary>
    public TrunkId KeptTrunk => new(CurrentTenant.Value);

    /// <summary>Saves, and turns what users and races can cause into a result.</summary>
    /// <param name="cancel">Stops the saving.</param>
    /// <returns>Whether it was saved; otherwise nothing was.</returns>
    public async Task<SaveOutcome> TrySaveAsync(CancellationToken cancel)
    {
        try
        {
            await SaveChangesAsync(cancel).ConfigureAwait(false);
            return SaveOutcome.Saved;
        }
        catch (DbUpdateConcurrencyException)
        {
            return SaveOutcome.Conflict;
        }
        catch (DbUpdateException update) when (update.InnerException is DbException fault && _faults.IsDuplicate(fault))
        {
            return SaveOutcome.Duplicate;
        }
        catch (DbUpdateException update) when (update.InnerException is DbException fault && _faults.IsMissingReference(fault))
        {
            return SaveOutcome.MissingReference;
        }
    }

    /// <summary>
    /// Opens the connection, which stays open as long as the context, and has what follows be planned for its values: what a column has in one row of ten thousand is found by an
    /// index, what it has in every third one by going through the rows in their order.
    /// </summary>
    /// <param name="cancel">Stops the waiting.</param>
    public async Task PlanForValuesAsync(CancellationToken cancel)
    {
        await Database.OpenConnectionAsync(cancel).ConfigureAwait(false);
        if (Database.ProviderName == PostgresProvider)
            await Database.ExecuteSqlRawAsync("SET plan_cache_mode = force_custom_plan", cancel).ConfigureAwait(false);      // the pool's reset takes it back
    }

    /// <summary>Begins a change of the tenant's configuration: takes the next <c>config_version</c>, which also makes the tenant's writers wait for each other.</summary>
    /// <param name="cancel">Stops the waiting.</param>
    /// <returns>The change, to be saved or disposed; <see langword="null"/> where there is no such tenant.</returns>
    public async Task<ConfigurationChange?> BeginConfigurationChangeAsync(CancellationToken cancel) =>
        await ConfigurationChange.BeginAsync(this, cancel).ConfigureAwait(false);

    /// <summary>Takes the tenant's next sequence numbers, inside the transaction that writes what they number: numbers are in the order of commits, and the tenant's writers wait for each other.</summary>
    /// <param name="count">How many.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <returns>The first of them; <see langword="null"/> where there is no such tenant any more.</returns>
    /// <exception cref="InvalidOperationException">There is no transaction: a bug of ours.</exception>
    internal async Task<long?> NextSequenceAsync(int count, CancellationToken cancel)
    {
        if (Database.CurrentTransaction is null)
            throw new InvalidOperationException("A sequence number is taken in the writing transaction.");
        List<long> last = await Database.SqlQuery<long>($"""UPDATE tenant_sequences SET "last" = "last" + {count} WHERE tenant_id = {CurrentTenant.Value} RETURNING "last" AS "Value" """)
            .ToListAsync(cancel).ConfigureAwait(false);
        return last is [long number] ? number - count + 1 : null;
    }

    /// <summary>Adds events to the log, inside the transaction that writes what they tell; the caller saves. What is there already is left out.</summary>
    /// <param name="events">The events, in their order.</param>
    /// <param name="cancel">Stops the waiting.</param>
    /// <returns>False where there is no such tenant any more.</returns>
    internal async Task<bool> AppendEventsAsync(IReadOnlyCollection<TenantEvent> events, CancellationToken cancel)
    {
        if (await NextSequenceAsync(events.Count, cancel).ConfigureAwait(false) is not { } sequence)      // first: it makes other writers wait, who may be about to write the same
            return false;
        await AppendEventsAsync(events, sequence, cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>Adds events under numbers that were taken with those of something else.</summary>
    /// <param name="events">The events, in their order.</param>
    /// <param name="sequence">The first one's number.</param>
    /// <param name="cancel">Stops the waiting.</param>
    internal async Task AppendEventsAsync(IReadOnlyCollection<TenantEvent> events, long sequence, CancellationToken cancel)
    {
        List<Guid> ids = [.. events.Select(happened => happened.Id)];
        HashSet<Guid> known = [.. await EventLog.Where(e => ids.Contains(e.Id)).Select(e => e.Id).ToListAsync(cancel).ConfigureAwait(false)];
        foreach (TenantEvent happened in events)
        {
            if (known.Add(happened.Id))
                EventLog.Add(EventLogEntry.Of(happened, sequence++));
        }
    }

    /// <inheritdoc/>
    public override int SaveChanges(bool acceptAllChangesOnSuccess)
    {
        Prepare();
        return base.SaveChanges(acceptAllChangesOnSuccess);
    }

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        Prepare();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        base.OnModelCreating(modelBuilder);
        // One call per type: the filter must name this context's property, so that each instance brings its own tenant.
        modelBuilder.Entity<Tenant>().HasQueryFilter(TenantFilter, t => t.Id == CurrentTenant);
        modelBuilder.Entity<WrappedTenantKey>().HasQueryFilter(TenantFilter, k => k.TenantId == CurrentTenant);
        modelBuilder.Entity<TenantSequence>().HasQueryFilter(TenantFilter, s => s.TenantId == CurrentTenant);
        modelBuilder.Entity<TenantDomain>().HasQueryFilter(TenantFilter, d => d.TenantId == CurrentTenant);
        modelBuilder.Entity<DomainClaim>().HasQueryFilter(TenantFilter, c => c.TenantId == CurrentTenant);
        modelBuilder.Entity<Numbering.Extension>().HasQueryFilter(TenantFilter, e => e.TenantId == CurrentTenant);
        modelBuilder.Entity<Devices.Device>().HasQueryFilter(TenantFilter, d => d.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.Trunk>().HasQueryFilter(TenantFilter, t => t.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.TrunkProfileRow>().HasQueryFilter(TenantFilter, p => p.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.TrunkSource>().HasQueryFilter(TenantFilter, s => s.TenantId == CurrentTenant);
        modelBuilder.Entity<Conferences.ConferenceRoom>().HasQueryFilter(TenantFilter, c => c.TenantId == CurrentTenant);
        modelBuilder.Entity<Prompts.Prompt>().HasQueryFilter(TenantFilter, p => p.TenantId == CurrentTenant);
        modelBuilder.Entity<Devices.ProvisioningLink>().HasQueryFilter(TenantFilter, l => l.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.PhoneNumber>().HasQueryFilter(TenantFilter, n => n.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.TrunkRoute>().HasQueryFilter(TenantFilter, r => r.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.OutsideCallingRow>().HasQueryFilter(TenantFilter, o => o.TenantId == CurrentTenant);
        modelBuilder.Entity<Trunks.GlobalTrunk>().HasQueryFilter(TenantFilter, t => t.Id == KeptTrunk);
        modelBuilder.Entity<Trunks.GlobalNumber>().HasQueryFilter(TenantFilter, n => false);        // nobody's: no tenant sees them
        modelBuilder.Entity<Resellers.GlobalReseller>().HasQueryFilter(TenantFilter, r => false);
        modelBuilder.Entity<Users.GlobalUser>().HasQueryFilter(TenantFilter, u => false);
        modelBuilder.Entity<Users.GlobalSession>().HasQueryFilter(TenantFilter, s => false);
        modelBuilder.Entity<Users.GlobalPasskey>().HasQueryFilter(TenantFilter, p => false);
        modelBuilder.Entity<Users.GlobalOneTimeLink>().HasQueryFilter(TenantFilter, l => false);
        modelBuilder.Entity<Clients.GlobalClient>().HasQueryFilter(TenantFilter, c => false);
        modelBuilder.Entity<Clients.GlobalAuthorization>().HasQueryFilter(TenantFilter, a => false);
        modelBuilder.Entity<Clients.GlobalToken>().HasQueryFilter(TenantFilter, t => false);
        modelBuilder.Entity<Clients.GlobalScope>().HasQueryFilter(TenantFilter, s => false);
        modelBuilder.Entity<Resellers.GlobalPlan>().HasQueryFilter(TenantFilter, p => false);
        modelBuilder.Entity<SignUps.GlobalSignUp>().HasQueryFilter(TenantFilter, s => false);
        modelBuilder.Entity<Platform.GlobalSettings>().HasQueryFilter(TenantFilter, s => false);
        modelBuilder.Entity<SignInProviders.SignInProvider>().HasQueryFilter(TenantFilter, p => p.TenantId == CurrentTenant);
        modelBuilder.Entity<Audit.AuditEntry>().HasQueryFilter(TenantFilter, a => a.TenantId == CurrentTenant);
        modelBuilder.Entity<Audit.GlobalAuditEntry>().HasQueryFilter(TenantFilter, a => false);
        modelBuilder.Entity<GlobalKey>().HasQueryFilter(TenantFilter, k => false);
        modelBuilder.Entity<CallRecords.CallRecord>().HasQueryFilter(TenantFilter, r => r.TenantId == CurrentTenant);
        modelBuilder.Entity<CallRecords.CallLadder>().HasQueryFilter(TenantFilter, l => l.TenantId == CurrentTenant);
        modelBuilder.Entity<Recordings.Recording>().HasQueryFilter(TenantFilter, r => r.TenantId == CurrentTenant);
        modelBuilder.Entity<Recordings.AwaitedRecording>().HasQueryFilter(TenantFilter, r => r.TenantId == CurrentTenant);
        modelBuilder.Entity<Webhooks.GlobalWebhook>().HasQueryFilter(TenantFilter, w => false);
        modelBuilder.Entity<Webhooks.GlobalWebhookPosition>().HasQueryFilter(TenantFilter, p => false);
        modelBuilder.Entity<Webhooks.GlobalWebhookDelivery>().HasQueryFilter(TenantFilter, d => false);
        modelBuilder.Entity<EventLogEntry>().HasQueryFilter(TenantFilter, e => e.TenantId == CurrentTenant);
    }

    private void Prepare()
    {
        foreach (EntityEntry entry in ChangeTracker.Entries())
        {
            if (entry.State is EntityState.Unchanged or EntityState.Detached)
                continue;
            TenantId? owner = entry.Entity is Tenant tenant ? tenant.Id : (entry.Entity as ITenantOwned)?.TenantId;
            if (owner != CurrentTenant)
                throw new InvalidOperationException($"A {entry.Metadata.DisplayName()} of another tenant was about to be written.");
            if (entry is { State: EntityState.Added or EntityState.Modified, Entity: IVersioned versioned })
                versioned.Version = Guid.CreateVersion7();
        }
    }
}
