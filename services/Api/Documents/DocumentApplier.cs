using System.Text;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Conferences;
using CloudPbx.Api.Extensions;
using CloudPbx.Api.Numbers;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Platform;
using CloudPbx.Api.Tenants;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Conferences;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CloudPbx.Api.Documents;

/// <summary>Makes a tenant what its document says, in one transaction. Applying the same document again changes nothing and takes no new version.</summary>
/// <remarks>Scoped; one use. What a document does not name is deleted. An extension is known by its number, a device by its user name.</remarks>
internal sealed partial class DocumentApplier(
    TenantContext context, PbxDbContext db, TenantLookup tenants, TenantKeyring keyring, SourceConflicts conflicts, GlobalTrunkStore platform,
    PlatformSettingsStore settings, TimeProvider time)
{
    private readonly List<string> _changes = [];
    private readonly List<GeneratedSecret> _secrets = [];
    private TenantKey _key = null!;
    private PlatformSettings _platform = new();

    /// <summary>Applies a document that <see cref="DocumentReader"/> found right.</summary>
    /// <param name="existing">The tenant, or null: it is created.</param>
    /// <param name="document">The document.</param>
    /// <param name="errors">Takes what another tenant owns.</param>
    /// <param name="reseller">Whose a new tenant becomes; <see langword="null"/>: the platform's own.</param>
    /// <param name="cancel">Stops it; then nothing was changed.</param>
    /// <param name="version">The tenant's version that the document was made of: where it has another by now, somebody else's change would be lost, and it is a conflict. Absent: whatever it is.</param>
    public async Task<ApplyOutcome> ApplyAsync(TenantId? existing, TenantDocument document, RequestErrors errors, ResellerId? reseller, CancellationToken cancel, long? version = null)
    {
        context.Enter(existing ?? TenantId.New());
        _platform = await settings.GetAsync(cancel);
        if (SettingsEndpoints.RecordingDaysFault(document.RecordingDays, _platform) is { } wrong)
        {
            errors.Add("$.recordingDays", wrong);
            return new ApplyOutcome(null, ApplyRefusal.Invalid);
        }
        if (await FindTakenAsync(document, errors, cancel))
            return new ApplyOutcome(null, ApplyRefusal.Taken);
        return existing is null ? await CreateAsync(document, errors, reseller, cancel) : await ChangeAsync(document, errors, version, cancel);
    }

    private async Task<ApplyOutcome> CreateAsync(TenantDocument document, RequestErrors errors, ResellerId? reseller, CancellationToken cancel)
    {
        await using IDbContextTransaction transaction = await db.Database.BeginTransactionAsync(cancel);
        (Tenant tenant, _key) = db.AddTenant(keyring, document.Name, Rules.DefaultLanguage, time.GetUtcNow().UtcDateTime);
        tenant.ResellerId = reseller;
        _changes.Add($"tenant {tenant.Name} created");
        Edit(document, tenant, [], [], []);
        EditConferences(document, []);
        await EditTrunksAsync(document, tenant, errors, cancel);
        if (errors.Any)
            return new ApplyOutcome(null, ApplyRefusal.Invalid);
        SaveOutcome outcome = await db.TrySaveAsync(cancel);
        if (outcome != SaveOutcome.Saved)
            return await RefuseAsync(document, errors, cancel);
        // After the writing: only now SQLite makes other writers wait, whose trunks this one must see.
        if (await FindSourceConflictsAsync(document, errors, cancel))
            return new ApplyOutcome(null, ApplyRefusal.Taken);
        await transaction.CommitAsync(cancel);
        return Done(tenant, 0, created: true);
    }

    private async Task<ApplyOutcome> ChangeAsync(TenantDocument document, RequestErrors errors, long? version, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || (version is not null && change.Version != version + 1))
            return new ApplyOutcome(null, ApplyRefusal.Conflict);                        // deleted, or changed, a moment ago
        Tenant tenant = await db.Tenants.SingleAsync(cancel);
        foreach ((string path, string message) in PlanLimits.Find(tenant, document.Extensions.Count, document.Trunks.Count))
            errors.Add(path, message);
        _key = (await db.TenantKeys.AsNoTracking().SingleAsync(cancel)).ToKey();
        Edit(document, tenant, await db.Domains.ToListAsync(cancel), await db.Extensions.ToListAsync(cancel), await db.Devices.ToListAsync(cancel));
        EditConferences(document, await db.Conferences.ToListAsync(cancel));
        await EditTrunksAsync(document, tenant, errors, cancel);
        if (errors.Any)
            return new ApplyOutcome(null, ApplyRefusal.Invalid);
        if (_changes.Count == 0)
            return Done(tenant, change.Version - 1, created: false);                    // undone: no version, no event
        if (await FindSourceConflictsAsync(document, errors, cancel))
            return new ApplyOutcome(null, ApplyRefusal.Taken);
        string what = _changes.Count == 1 ? _changes[0] : $"document applied, {_changes.Count} changes";
        SaveOutcome outcome = await change.TrySaveAsync(what, time.GetUtcNow().UtcDateTime, cancel);
        return outcome == SaveOutcome.Saved ? Done(tenant, change.Version, created: false) : await RefuseAsync(document, errors, cancel);
    }

    private void Edit(TenantDocument document, Tenant tenant, List<TenantDomain> domains, List<Extension> extensions, List<Device> devices)
    {
        if (tenant.Apply(new NewTenant
            {
                Name = document.Name,
                Language = document.Language,
                RingSeconds = document.RingSeconds,
                HoldMusic = document.HoldMusic,
                Announcements = document.Announcements,
                RecordingDays = document.RecordingDays,
                AllowSupervision = document.AllowSupervision,
                RecordingNotice = document.RecordingNotice,
                HoldMusicPrompt = document.HoldMusicPrompt,              // its sound may come after the document: until then the built-in one plays
                RecordingNoticePrompt = document.RecordingNoticePrompt,
                IsDefault = document.IsDefault,
            }, _platform)
            && _changes.Count == 0)
            _changes.Add("tenant changed");
        EditDomains(document, domains);
        Dictionary<string, Extension> byNumber = extensions.ToDictionary(e => e.Number, StringComparer.Ordinal);
        Dictionary<string, Device> byUser = devices.ToDictionary(d => d.AuthUser, StringComparer.Ordinal);
        HashSet<string> kept = new(StringComparer.Ordinal);
        HashSet<string> keptUsers = new(StringComparer.Ordinal);
        foreach (ExtensionDocument wish in document.Extensions)
        {
            kept.Add(wish.Number);
            Extension extension = EditExtension(wish, byNumber.GetValueOrDefault(wish.Number));
            foreach (DeviceDocument device in wish.Devices)
            {
                string user = device.AuthUser ?? wish.Number;
                keptUsers.Add(user);
                EditDevice(device, user, extension, byUser.GetValueOrDefault(user));
            }
        }
        // Devices first: one that moved from a deleted extension to another must not go with the old one.
        foreach (Device device in devices.Where(d => d.ExpiresAt is null && !keptUsers.Contains(d.AuthUser)))       // browsers come and go by themselves
        {
            db.Devices.Remove(device);
            _changes.Add($"device {device.AuthUser} deleted");
        }
        foreach (Extension extension in extensions.Where(e => !kept.Contains(e.Number)))
        {
            db.Extensions.Remove(extension);
            _changes.Add($"extension {extension.Number} deleted");
        }
    }

    private void EditConferences(TenantDocument document, List<ConferenceRoom> present)
    {
        Dictionary<string, ConferenceRoom> left = present.ToDictionary(c => c.Number, StringComparer.Ordinal);
        foreach (ConferenceDocument wish in document.Conferences)
        {
            if (!left.Remove(wish.Number, out ConferenceRoom? row))
            {
                db.Conferences.Add(wish.ToConference(context.TenantId));
                _changes.Add($"conference room {wish.Number} created");
            }
            else if (row.Apply(wish))
            {
                _changes.Add($"conference room {wish.Number} changed");
            }
        }
        foreach (ConferenceRoom row in left.Values)
        {
            db.Conferences.Remove(row);
            _changes.Add($"conference room {row.Number} deleted");
        }
    }

    private void EditDomains(TenantDocument document, List<TenantDomain> present)
    {
        Dictionary<string, TenantDomain> byName = present.ToDictionary(d => d.Name, StringComparer.Ordinal);
        for (int position = 0; position < document.Domains.Count; position++)
        {
            string name = document.Domains[position];
            if (!byName.Remove(name, out TenantDomain? domain))
            {
                db.Domains.Add(new TenantDomain { Id = DomainId.New(), TenantId = context.TenantId, Name = name, Position = position });
                _changes.Add($"domain {name} added");
            }
            else if (domain.Position != position)
            {
                domain.Position = position;
                _changes.Add($"domain {name} moved");
            }
        }
        foreach (TenantDomain domain in byName.Values)
        {
            db.Domains.Remove(domain);
            _changes.Add($"domain {domain.Name} removed");
        }
    }

    private Extension EditExtension(ExtensionDocument document, Extension? extension)
    {
        NewExtension wish = document.ToWish();
        if (extension is null)
        {
            extension = wish.ToExtension(context.TenantId);
            db.Extensions.Add(extension);
            _changes.Add($"extension {extension.Number} created");
        }
        else if (extension.Apply(wish))
        {
            _changes.Add($"extension {extension.Number} changed");
        }
        return extension;
    }

    private void EditDevice(DeviceDocument wish, string user, Extension extension, Device? device)
    {
        string name = wish.Name ?? Rules.DefaultDeviceName;
        SrtpPolicy encryption = wish.Encryption ?? SrtpPolicy.Optional;
        bool sha256 = wish.DigestSha256 ?? false;
        if (device is null)
        {
            string secret = wish.Secret ?? SipSecret.Generate();
            if (wish.Secret is null)
                _secrets.Add(new GeneratedSecret(extension.Number, name, user, secret));
            DeviceId id = DeviceId.New();
            db.Devices.Add(new Device
            {
                Id = id,
                TenantId = context.TenantId,
                ExtensionId = extension.Id,
                Name = name,
                AuthUser = user,
                SealedSecret = DeviceSecret.Seal(keyring, _key, id, secret),
                Encryption = encryption,
                DigestSha256 = sha256,
            });
            _changes.Add($"device {user} created");
            return;
        }
        (ExtensionId, string, SrtpPolicy, bool) before = (device.ExtensionId, device.Name, device.Encryption, device.DigestSha256);
        (device.ExtensionId, device.Name, device.Encryption, device.DigestSha256) = (extension.Id, name, encryption, sha256);
        bool changed = before != (device.ExtensionId, device.Name, device.Encryption, device.DigestSha256);
        if (wish.Secret is { } wanted && !IsSecret(device, wanted))
        {
            device.SealedSecret = DeviceSecret.Seal(keyring, _key, device.Id, wanted);
            changed = true;
        }
        if (changed)
            _changes.Add($"device {user} changed");
    }

    private bool IsSecret(Device device, string wanted) =>
        new DeviceSecret(keyring, _key, device.Id, device.SealedSecret).TryOpen(out string? present)
        && System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(present), Encoding.UTF8.GetBytes(wanted));

    private ApplyOutcome Done(Tenant tenant, long version, bool created) => new(
        new ApplyReport
        {
            Id = tenant.Id,
            Name = tenant.Name,
            Created = created,
            Changed = _changes.Count > 0,
            ConfigVersion = version,
            Changes = _changes,
            GeneratedSecrets = _secrets,
        },
        ApplyRefusal.None);

    // The unique indexes decide; this only finds the place in the document that they meant.
    private async Task<ApplyOutcome> RefuseAsync(TenantDocument document, RequestErrors errors, CancellationToken cancel) =>
        new(null, await FindTakenAsync(document, errors, cancel) ? ApplyRefusal.Taken : ApplyRefusal.Conflict);

    private async Task<bool> FindTakenAsync(TenantDocument document, RequestErrors errors, CancellationToken cancel)
    {
        IReadOnlySet<string> foreign = document.Domains.Count == 0
            ? new HashSet<string>()
            : await tenants.FindForeignDomainsAsync([.. document.Domains], context.TenantId, cancel);
        for (int i = 0; i < document.Domains.Count; i++)
        {
            if (foreign.Contains(document.Domains[i]))
                errors.Add($"$.domains[{i}]", "Another tenant has this domain: a domain belongs to one tenant.");
        }
        IReadOnlySet<string> numbers = document.Numbers.Count == 0
            ? new HashSet<string>()
            : await tenants.FindForeignNumbersAsync([.. document.Numbers.Select(n => n.Number)], context.TenantId, cancel);
        HashSet<string> inventory = document.Numbers.Count == 0 ? [] : [.. await platform.FindNumbersAsync([.. document.Numbers.Select(n => n.Number)], cancel)];
        if (inventory.Count > 0)
            inventory.ExceptWith(await db.PhoneNumbers.Select(n => n.Number).ToListAsync(cancel));      // those it has got are its own to use
        for (int i = 0; i < document.Numbers.Count; i++)
        {
            if (numbers.Contains(document.Numbers[i].Number))
                errors.Add($"$.numbers[{i}].number", NumberEndpoints.TakenText);
            else if (inventory.Contains(document.Numbers[i].Number))
                errors.Add($"$.numbers[{i}].number", NumberEndpoints.InventoryText);
        }
        if (await tenants.FindAsync(document.Name, cancel) is { } named && named != context.TenantId)
            errors.Add("$.name", "Another tenant has this name: choose another.");
        if (document.IsDefault == true && await tenants.FindDefaultAsync(cancel) is { } first && first != context.TenantId)
            errors.Add("$.isDefault", "Another tenant is the default, and only one can be. Take it from that one first, or leave it out here.");
        return errors.Any;
    }
}
