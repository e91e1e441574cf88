using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data.EventLog;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.Webhooks;

/// <summary>
/// What senders take from: each webhook is one sender's at a time, by a lease that it renews. Whatever it writes, it writes only while the lease is its own, so that a
/// sender that was held up cannot undo what its successor did.
/// </summary>
/// <remarks>Thread-safe; singleton. A caller of <see cref="PlatformDbContext"/>.</remarks>
public sealed class WebhookQueue(IPbxDatabase database)
{
    private const int LargestBatch = 200;

    /// <summary>The webhooks that have something to do and that nobody does it for.</summary>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<WebhookId>> DueAsync(DateTime now, int limit, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            return await db.GlobalWebhooks.Where(w => w.Enabled && (w.LeaseUntil == null || w.LeaseUntil <= now))
                .Where(w => ((w.PausedUntil == null || w.PausedUntil <= now) && db.GlobalWebhookDeliveries.Any(d => d.WebhookId == w.Id && d.NextAttemptAt != null && d.NextAttemptAt <= now))
                    || db.Tenants.Any(t => (t.Id == w.TenantId || (t.ResellerId != null && t.ResellerId == w.ResellerId))
                        && db.TenantSequences.Any(s => s.TenantId == t.Id
                            && s.Last > (db.GlobalWebhookPositions.Where(p => p.WebhookId == w.Id && p.TenantId == t.Id).Select(p => (long?)p.Sequence).FirstOrDefault() ?? 0))))
                .OrderBy(w => w.Id).Select(w => w.Id).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Takes a webhook, or goes on having it.</summary>
    /// <param name="id">Which.</param>
    /// <param name="sender">Who.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="until">Until when, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>The webhook; <see langword="null"/> where it is somebody else's, off or gone.</returns>
    public async Task<GlobalWebhook?> TakeAsync(WebhookId id, Guid sender, DateTime now, DateTime until, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            int taken = await db.GlobalWebhooks.Where(w => w.Id == id && w.Enabled && (w.LeaseOwner == sender || w.LeaseUntil == null || w.LeaseUntil <= now))
                .ExecuteUpdateAsync(set => set.SetProperty(w => w.LeaseOwner, sender).SetProperty(w => w.LeaseUntil, until), cancel).ConfigureAwait(false);
            return taken == 0 ? null : await db.GlobalWebhooks.AsNoTracking().SingleOrDefaultAsync(w => w.Id == id, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a webhook back.</summary>
    /// <param name="id">Which.</param>
    /// <param name="sender">Who had it.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task ReturnAsync(WebhookId id, Guid sender, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalWebhooks.Where(w => w.Id == id && w.LeaseOwner == sender)
                .ExecuteUpdateAsync(set => set.SetProperty(w => w.LeaseOwner, (Guid?)null).SetProperty(w => w.LeaseUntil, (DateTime?)null), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Puts up what happened since the last time, and moves the webhook's places in the logs, in one transaction.</summary>
    /// <param name="webhook">A webhook that the sender has.</param>
    /// <param name="sender">Who.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether there may be more; <see langword="null"/> where the webhook is somebody else's by now, and nothing was done.</returns>
    public async Task<bool?> PutUpAsync(GlobalWebhook webhook, Guid sender, DateTime now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                if (!await HasAsync(db, webhook.Id, sender, cancel).ConfigureAwait(false))
                    return null;
                bool more = false;
                Dictionary<TenantId, GlobalWebhookPosition> positions = await db.GlobalWebhookPositions.Where(p => p.WebhookId == webhook.Id).ToDictionaryAsync(p => p.TenantId, cancel).ConfigureAwait(false);
                var tenants = await WebhookStore.TenantsOf(db, webhook).Join(db.TenantSequences, t => t.Id, s => s.TenantId, (t, s) => new { t.Id, t.Name, s.Last }).ToListAsync(cancel).ConfigureAwait(false);
                foreach (var tenant in tenants)
                {
                    if (!positions.TryGetValue(tenant.Id, out GlobalWebhookPosition? position))
                        db.GlobalWebhookPositions.Add(position = new GlobalWebhookPosition { WebhookId = webhook.Id, TenantId = tenant.Id });
                    if (position.Sequence >= tenant.Last)
                        continue;
                    long from = position.Sequence;
                    List<EventLogEntry> events = await db.EventLog.AsNoTracking().Where(e => e.TenantId == tenant.Id && e.Sequence > from).OrderBy(e => e.Sequence).Take(LargestBatch).ToListAsync(cancel)
                        .ConfigureAwait(false);
                    more |= events.Count == LargestBatch;
                    // Up to what the counter said before the events were read, and not further: what has a higher number may not be committed yet.
                    position.Sequence = events.Count == LargestBatch ? events[^1].Sequence : Math.Max(tenant.Last, events.Count == 0 ? 0 : events[^1].Sequence);
                    db.GlobalWebhookDeliveries.AddRange(events.Where(e => webhook.Types.Count == 0 || webhook.Types.Contains(e.Type)).Select(e => ToDelivery(webhook, e, tenant.Name, now, isReplay: false)));
                }
                await db.SaveChangesAsync(cancel).ConfigureAwait(false);
                await transaction.CommitAsync(cancel).ConfigureAwait(false);
                return more;
            }
        }
    }

    /// <summary>What is due of a webhook, the oldest first.</summary>
    /// <param name="webhook">A webhook that the sender has.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<IReadOnlyList<GlobalWebhookDelivery>> NextAsync(GlobalWebhook webhook, DateTime now, int limit, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            return await db.GlobalWebhookDeliveries.AsNoTracking().Where(d => d.WebhookId == webhook.Id && d.NextAttemptAt != null && d.NextAttemptAt <= now)
                .OrderBy(d => d.CreatedAt).ThenBy(d => d.Sequence).Take(limit).ToListAsync(cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Writes down what became of an attempt.</summary>
    /// <param name="webhook">The webhook as it is to be: its failures, its pause, whether it is on.</param>
    /// <param name="delivery">The delivery as it is to be.</param>
    /// <param name="sender">Who.</param>
    /// <param name="cancel">Stops it.</param>
    /// <returns>Whether the sender still had the webhook; otherwise nothing was written.</returns>
    public async Task<bool> TriedAsync(GlobalWebhook webhook, GlobalWebhookDelivery delivery, Guid sender, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        ArgumentNullException.ThrowIfNull(delivery);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                int rows = await db.GlobalWebhooks.Where(w => w.Id == webhook.Id && w.LeaseOwner == sender).ExecuteUpdateAsync(
                    set => set.SetProperty(w => w.Failures, webhook.Failures).SetProperty(w => w.FailingSince, webhook.FailingSince).SetProperty(w => w.PausedUntil, webhook.PausedUntil)
                        .SetProperty(w => w.LastSuccessAt, webhook.LastSuccessAt),
                    cancel).ConfigureAwait(false);
                if (rows == 0)
                    return false;
                if (!webhook.Enabled)
                {
                    await db.GlobalWebhooks.Where(w => w.Id == webhook.Id && w.Enabled).ExecuteUpdateAsync(
                        set => set.SetProperty(w => w.Enabled, false).SetProperty(w => w.DisabledReason, webhook.DisabledReason).SetProperty(w => w.DisabledAt, webhook.DisabledAt)
                            .SetProperty(w => w.Version, Guid.CreateVersion7()),
                        cancel).ConfigureAwait(false);
                }
                await db.GlobalWebhookDeliveries.Where(d => d.Id == delivery.Id).ExecuteUpdateAsync(
                    set => set.SetProperty(d => d.State, delivery.State).SetProperty(d => d.Attempts, delivery.Attempts).SetProperty(d => d.NextAttemptAt, delivery.NextAttemptAt)
                        .SetProperty(d => d.LastAttemptAt, delivery.LastAttemptAt).SetProperty(d => d.LastStatus, delivery.LastStatus).SetProperty(d => d.LastMilliseconds, delivery.LastMilliseconds)
                        .SetProperty(d => d.LastError, delivery.LastError),
                    cancel).ConfigureAwait(false);
                await transaction.CommitAsync(cancel).ConfigureAwait(false);
                return true;
            }
        }
    }

    /// <summary>Makes everything due that waits for a later attempt: the receiver is back.</summary>
    /// <param name="webhook">A webhook that the sender has.</param>
    /// <param name="sender">Who.</param>
    /// <param name="now">The present instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task HurryAsync(GlobalWebhook webhook, Guid sender, DateTime now, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalWebhookDeliveries.Where(d => d.WebhookId == webhook.Id && d.NextAttemptAt > now && db.GlobalWebhooks.Any(w => w.Id == d.WebhookId && w.LeaseOwner == sender))
                .ExecuteUpdateAsync(set => set.SetProperty(d => d.NextAttemptAt, now), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Which tenants have somebody who wants certain events at once.</summary>
    /// <param name="types">The types.</param>
    /// <param name="cancel">Stops the reading.</param>
    /// <returns>The tenants.</returns>
    public async Task<IReadOnlySet<TenantId>> WantingAsync(IReadOnlyCollection<string> types, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            List<GlobalWebhook> on = await db.GlobalWebhooks.AsNoTracking().Where(w => w.Enabled).ToListAsync(cancel).ConfigureAwait(false);
            HashSet<TenantId> tenants = [];
            foreach (GlobalWebhook webhook in on.Where(w => w.Types.Count == 0 || w.Types.Any(types.Contains)))
                tenants.UnionWith(await WebhookStore.TenantsOf(db, webhook).Select(t => t.Id).ToListAsync(cancel).ConfigureAwait(false));
            return tenants;
        }
    }

    /// <summary>Deletes what is older than an instant: deliveries, and the events of all tenants.</summary>
    /// <param name="before">The instant, UTC.</param>
    /// <param name="cancel">Stops it.</param>
    public async Task DropAsync(DateTime before, CancellationToken cancel)
    {
        PlatformDbContext db = database.OpenPlatform();
        await using (db.ConfigureAwait(false))
        {
            await db.GlobalWebhookDeliveries.Where(d => d.CreatedAt < before).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
            await db.EventLog.Where(e => e.At < before).ExecuteDeleteAsync(cancel).ConfigureAwait(false);
        }
    }

    internal static GlobalWebhookDelivery ToDelivery(GlobalWebhook webhook, EventLogEntry happened, string tenantName, DateTime now, bool isReplay) => new()
    {
        Id = Guid.CreateVersion7(), WebhookId = webhook.Id, TenantId = happened.TenantId, EventId = happened.Id, Sequence = happened.Sequence, Type = happened.Type, Subject = happened.Subject,
        Payload = WebhookPayload.Of(happened, tenantName), CreatedAt = now, IsReplay = isReplay, NextAttemptAt = now,
    };

    // Its row's lock: whoever would take the webhook waits until this transaction is over.
    private static async Task<bool> HasAsync(PlatformDbContext db, WebhookId id, Guid sender, CancellationToken cancel) =>
        await db.GlobalWebhooks.Where(w => w.Id == id && w.Enabled && w.LeaseOwner == sender).ExecuteUpdateAsync(set => set.SetProperty(w => w.LeaseOwner, sender), cancel).ConfigureAwait(false) == 1;
}
