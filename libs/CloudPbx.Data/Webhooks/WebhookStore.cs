using System.Data.Common;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Users;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.Webhooks;

/// <summary>The webhooks of a tenant or a reseller, and what was sent to them. Every question names whose, and sees no others.</summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class WebhookStore(IPbxDatabase database)
{
    /// <summary>Events that one replay sends again at most.</summary>
    public const int MostReplayed = 10_000;

    /// <summary>Lists them, the oldest first.</summary>
    /// <param name="owner">Whose; never the platform's own.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalWebhook>> ListAsync(UserOwner owner, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).AsNoTracking().OrderBy(w => w.CreatedAt).ThenBy(w => w.Id).ToListAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Finds one.</summary>
    /// <param name="owner">Whose; another's is not found.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<GlobalWebhook?> FindAsync(UserOwner owner, WebhookId id, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel).ConfigureAwait(false);
    }

    /// <summary>Adds one. It gets what happens from now on.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task AddAsync(GlobalWebhook webhook, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                webhook.Version = Guid.CreateVersion7();
                db.GlobalWebhooks.Add(webhook);
                await db.SaveChangesAsync(cancel).ConfigureAwait(false);
                await SkipToNowAsync(db, webhook, cancel).ConfigureAwait(false);
                await transaction.CommitAsync(cancel).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Changes one.</summary>
    /// <param name="owner">Whose; another's is not found.</param>
    /// <param name="id">Which.</param>
    /// <param name="change">Changes the row; gives <see langword="false"/> to leave it as it is.</param>
    /// <param name="skip">Whether it begins with what happens from now on: it was off.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The row as it is now; <see langword="null"/> where there is none.</returns>
    public async Task<(GlobalWebhook? Row, SaveOutcome Outcome)> ChangeAsync(UserOwner owner, WebhookId id, Func<GlobalWebhook, bool> change, bool skip, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(change);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                if (await Of(db, owner).SingleOrDefaultAsync(w => w.Id == id, cancel).ConfigureAwait(false) is not { } row)
                    return (null, SaveOutcome.Saved);
                bool wasOff = !row.Enabled;
                if (!change(row))
                    return (row, SaveOutcome.Conflict);
                row.Version = Guid.CreateVersion7();
                try
                {
                    await db.SaveChangesAsync(cancel).ConfigureAwait(false);
                }
                catch (DbUpdateConcurrencyException)
                {
                    return (row, SaveOutcome.Conflict);
                }
                if (skip && wasOff && row.Enabled)
                    await SkipToNowAsync(db, row, cancel).ConfigureAwait(false);
                await transaction.CommitAsync(cancel).ConfigureAwait(false);
                return (row, SaveOutcome.Saved);
            }
        }
    }

    /// <summary>Removes one, and what it was sent.</summary>
    /// <param name="owner">Whose; another's stays.</param>
    /// <param name="id">Which.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there was one.</returns>
    public async Task<bool> RemoveAsync(UserOwner owner, WebhookId id, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
            return await Of(db, owner).Where(w => w.Id == id).ExecuteDeleteAsync(cancel).ConfigureAwait(false) > 0;
    }

    /// <summary>Lists what was sent, or is to be, the newest first.</summary>
    /// <param name="webhook">One that <see cref="FindAsync"/> gave.</param>
    /// <param name="state">Only those that stand so; <see langword="null"/>: all.</param>
    /// <param name="before">The delivery before which the page begins.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalWebhookDelivery>> DeliveriesAsync(GlobalWebhook webhook, DeliveryState? state, Guid before, int limit, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IQueryable<GlobalWebhookDelivery> found = db.GlobalWebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == webhook.Id && d.Id.CompareTo(before) < 0);
            if (state is { } only)
                found = found.Where(d => d.State == only);
            return await found.OrderByDescending(d => d.Id).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Puts an event up for delivery that is in no log: a test.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task SendAsync(GlobalWebhookDelivery delivery, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            db.GlobalWebhookDeliveries.Add(delivery);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Puts one delivery up once more: the same event with the same identifier.</summary>
    /// <param name="webhook">One that <see cref="FindAsync"/> gave.</param>
    /// <param name="id">Which of its deliveries.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The new delivery; <see langword="null"/> where there is no such.</returns>
    public async Task<GlobalWebhookDelivery?> ReplayAsync(GlobalWebhook webhook, Guid id, DateTime now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            if (await db.GlobalWebhookDeliveries.AsNoTracking().SingleOrDefaultAsync(d => d.WebhookId == webhook.Id && d.Id == id, cancel).ConfigureAwait(false) is not { } old)
                return null;
            GlobalWebhookDelivery again = new()
            {
                Id = Guid.CreateVersion7(), WebhookId = old.WebhookId, TenantId = old.TenantId, EventId = old.EventId, Sequence = old.Sequence, Type = old.Type, Subject = old.Subject, Payload = old.Payload,
                CreatedAt = now, IsReplay = true, NextAttemptAt = now,
            };
            db.GlobalWebhookDeliveries.Add(again);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            return again;
        }
    }

    /// <summary>Puts all events since an instant up once more, the oldest first.</summary>
    /// <param name="webhook">One that <see cref="FindAsync"/> gave.</param>
    /// <param name="since">Since when, UTC.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>How many; <see langword="null"/> where they are more than <see cref="MostReplayed"/>, and nothing was done.</returns>
    public async Task<int?> ReplayAsync(GlobalWebhook webhook, DateTime since, DateTime now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            List<string> types = [.. webhook.Types];
            IQueryable<EventLogEntry> events = db.EventLog.AsNoTracking().Where(e => e.At >= since && (types.Count == 0 || types.Contains(e.Type)));
            events = webhook.TenantId is { } own ? events.Where(e => e.TenantId == own)
                : events.Where(e => db.Tenants.Any(t => t.Id == e.TenantId && t.ResellerId == webhook.ResellerId));
            List<EventLogEntry> found = await events.OrderBy(e => e.At).ThenBy(e => e.TenantId).ThenBy(e => e.Sequence).Take(MostReplayed + 1).ToListAsync(cancel).ConfigureAwait(false);
            if (found.Count > MostReplayed)
                return null;
            Dictionary<TenantId, string> names = await NamesAsync(db, webhook, cancel).ConfigureAwait(false);
            db.GlobalWebhookDeliveries.AddRange(found.Where(e => names.ContainsKey(e.TenantId)).Select(e => WebhookQueue.ToDelivery(webhook, e, names[e.TenantId], now, isReplay: true)));
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            return found.Count;
        }
    }

    internal static IQueryable<Tenant> TenantsOf(PlatformDbContext db, GlobalWebhook webhook) => webhook.TenantId is { } own
        ? db.Tenants.Where(t => t.Id == own)
        : db.Tenants.Where(t => t.ResellerId != null && t.ResellerId == webhook.ResellerId);

    internal static async Task<Dictionary<TenantId, string>> NamesAsync(PlatformDbContext db, GlobalWebhook webhook, CancellationToken cancel) =>
        await TenantsOf(db, webhook).Select(t => new { t.Id, t.Name }).ToDictionaryAsync(t => t.Id, t => t.Name, cancel).ConfigureAwait(false);

    private static IQueryable<GlobalWebhook> Of(PlatformDbContext db, UserOwner owner) =>
        db.GlobalWebhooks.Where(w => w.TenantId == owner.TenantId && w.ResellerId == owner.ResellerId && (w.TenantId != null || w.ResellerId != null));

    private static async Task SkipToNowAsync(PlatformDbContext db, GlobalWebhook webhook, CancellationToken cancel)
    {
        await db.GlobalWebhookPositions.Where(p => p.WebhookId == webhook.Id).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
        var tenants = await TenantsOf(db, webhook).Join(db.TenantSequences, t => t.Id, s => s.TenantId, (t, s) => new { t.Id, s.Last }).ToListAsync(cancel).ConfigureAwait(false);
        db.GlobalWebhookPositions.AddRange(tenants.Select(t => new GlobalWebhookPosition { WebhookId = webhook.Id, TenantId = t.Id, Sequence = t.Last }));
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }
}
