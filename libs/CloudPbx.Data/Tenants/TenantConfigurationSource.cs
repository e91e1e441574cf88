using System.Data;
using System.Text.Json;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Data.Tenants;

/// <summary>Reads tenants by the tenant's own context, so that row-level security watches here too; and the keepers of shared trunks in the same way, since a worker has no connection that sees more.</summary>
internal sealed class TenantConfigurationSource(IPbxDatabase database, IDatabaseFaults faults, TenantKeyring keyring) : ITenantConfigurationSource
{
    public async Task<TenantLoad> LoadAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            TenantConfigurationContent? content = await ReadAsync(tenant, cancel).ConfigureAwait(false) ?? await ReadKeeperAsync(tenant, cancel).ConfigureAwait(false);
            return content is null
                ? new TenantLoad(TenantLoadOutcome.NoSuchTenant, null)
                : new TenantLoad(TenantLoadOutcome.Loaded, new TenantConfiguration(content, keyring));
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return new TenantLoad(TenantLoadOutcome.DatabaseAway, null);
        }
    }

    public async Task<long?> FindVersionAsync(TenantId tenant, CancellationToken cancel)
    {
        try
        {
            PbxDbContext db = database.OpenTenant(tenant);
            await using (db.ConfigureAwait(false))
                return await db.Tenants.Select(t => (long?)t.ConfigVersion).SingleOrDefaultAsync(cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (faults.IsAway(fault))
        {
            return null;
        }
    }

    public TenantConfiguration? Read(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, TenantConfigurationJson.Default.TenantConfigurationContent) is { } read
                ? new TenantConfiguration(read, keyring)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<TenantConfigurationContent?> ReadAsync(TenantId id, CancellationToken cancel)
    {
        PbxDbContext db = database.OpenTenant(id);
        await using (db.ConfigureAwait(false))
        {
            // One snapshot for all queries: a change that commits between two of them must not be half seen.
            IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                Tenant? tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel).ConfigureAwait(false);
                if (tenant is null)
                    return null;
                byte[] key = await db.TenantKeys.Select(k => k.Wrapped).SingleOrDefaultAsync(cancel).ConfigureAwait(false) ?? [];
                return new TenantConfigurationContent
                {
                    TenantId = id,
                    Version = tenant.ConfigVersion,
                    Name = tenant.Name,
                    Language = tenant.Language,
                    RingSeconds = tenant.RingSeconds,
                    Suspended = tenant.SuspendedAt is not null,
                    HoldSilence = !tenant.HoldMusic,
                    Announcements = tenant.Announcements,
                    AllowSupervision = tenant.AllowSupervision,
                    StorageFull = tenant.StorageFull,
                    RecordingNotice = tenant.RecordingNotice,
                    HoldMusicPrompt = tenant.HoldMusicPrompt,
                    RecordingNoticePrompt = tenant.RecordingNoticePrompt,
                    Prompts = await db.Prompts.Select(p => new ConfiguredPrompt(p.Name, p.Audio, p.SealedKey)).ToListAsync(cancel).ConfigureAwait(false),
                    Conferences = await db.Conferences
                        .Select(c => new ConfiguredConference(c.Id, c.Number, c.Name, c.Pin, c.ModeratorPin, c.EntryTones, c.Locked, c.Greeting))
                        .ToListAsync(cancel).ConfigureAwait(false),
                    WrappedKey = key,
                    Domains = await db.Domains.OrderBy(d => d.Position).Select(d => d.Name).ToListAsync(cancel).ConfigureAwait(false),
                    Extensions = await db.Extensions
                        .Select(e => new TenantConfigurationContent.ExtensionContent(
                            e.Id, e.Number, e.DisplayName, e.RingSeconds, e.Recording, e.Forwards, e.Codecs, e.Encryption, e.RecordingNotice, e.Limits))
                        .ToListAsync(cancel).ConfigureAwait(false),
                    Devices = await db.Devices
                        .Join(db.Extensions, d => d.ExtensionId, e => e.Id, (d, e) => new TenantConfigurationContent.DeviceContent(
                            d.Id, e.Number, d.Name, d.AuthUser, d.Encryption, d.DigestSha256, d.SealedSecret, d.ExpiresAt))
                        .ToListAsync(cancel).ConfigureAwait(false),
                    Profiles = [.. (await db.TrunkProfiles.AsNoTracking().ToListAsync(cancel).ConfigureAwait(false)).Select(p => p.ToProfile())],
                    Trunks = await ReadTrunksAsync(db, cancel).ConfigureAwait(false),
                    Numbers = await db.PhoneNumbers
                        .Select(n => new TenantNumber { Id = n.Id, Number = n.Number, Trunk = n.TrunkId, Extension = n.Extension })
                        .ToListAsync(cancel).ConfigureAwait(false),
                    Routes = [.. (await db.TrunkRoutes.AsNoTracking().ToListAsync(cancel).ConfigureAwait(false)).Select(r => r.ToRoute())],
                    Outside = await db.OutsideCalling.Select(o => o.Settings).SingleOrDefaultAsync(cancel).ConfigureAwait(false),
                };
            }
        }
    }

    private async Task<TenantConfigurationContent?> ReadKeeperAsync(TenantId id, CancellationToken cancel)
    {
        PbxDbContext db = database.OpenTenant(id);
        await using (db.ConfigureAwait(false))
            return await db.GlobalTrunks.AsNoTracking().SingleOrDefaultAsync(t => t.Kind == TrunkKind.Registered, cancel).ConfigureAwait(false) is { } kept ? TenantConfigurationContent.OfKeeper(kept) : null;
    }

    private static async Task<List<TenantConfigurationContent.TrunkContent>> ReadTrunksAsync(PbxDbContext db, CancellationToken cancel)
    {
        List<Trunk> trunks = await db.Trunks.AsNoTracking().ToListAsync(cancel).ConfigureAwait(false);
        ILookup<TrunkId, string> sources = (await db.TrunkSources.AsNoTracking().ToListAsync(cancel).ConfigureAwait(false)).ToLookup(s => s.TrunkId, s => s.Network);
        return [.. trunks.Select(t => new TenantConfigurationContent.TrunkContent(
            t.Id, t.Name, t.Enabled, t.Kind, [.. sources[t.Id].Order(StringComparer.Ordinal)], t.Details, t.Owner, t.GlobalTrunkId))];
    }
}
