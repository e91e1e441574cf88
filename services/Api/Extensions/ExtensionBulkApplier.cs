using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Devices;
using CloudPbx.Api.Plans;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Extensions;

/// <summary>Puts many extensions into the context, row by row: a row is done as a whole or not at all. The caller saves, inside a configuration change.</summary>
/// <remarks>Scoped; one use.</remarks>
internal sealed class ExtensionBulkApplier(PbxDbContext db, TenantContext context, TenantKeyring keyring)
{
    private readonly List<BulkRow> _rows = [];
    private Dictionary<string, Extension> _extensions = [];
    private Dictionary<string, Device> _devices = [];
    private HashSet<string> _rooms = [];
    private readonly Dictionary<string, int> _inFile = new(StringComparer.Ordinal);
    private TenantKey _key = null!;
    private int? _mostExtensions;

    /// <summary>Reads the rows and edits the context.</summary>
    /// <param name="rows">The rows, with their numbers.</param>
    /// <param name="isCsv">Whether errors name columns instead of members.</param>
    /// <param name="mayChange">Whether an extension that exists is changed instead of refused.</param>
    /// <param name="dryRun">Whether nothing will be saved.</param>
    /// <param name="cancel">Stops the reading.</param>
    public async Task<BulkReport> ApplyAsync(IReadOnlyList<(int Row, JsonElement Element)> rows, bool isCsv, bool mayChange, bool dryRun, CancellationToken cancel)
    {
        _extensions = await db.Extensions.ToDictionaryAsync(e => e.Number, StringComparer.Ordinal, cancel);
        _devices = await db.Devices.ToDictionaryAsync(d => d.AuthUser, StringComparer.Ordinal, cancel);
        _rooms = [.. await db.Conferences.Select(c => c.Number).ToListAsync(cancel)];
        _key = (await db.TenantKeys.AsNoTracking().SingleAsync(cancel)).ToKey();
        _mostExtensions = await db.Tenants.Select(t => t.MaxExtensions).SingleAsync(cancel);
        foreach ((int row, JsonElement element) in rows)
            _rows.Add(Apply(row, element, isCsv, mayChange, dryRun));
        return new BulkReport
        {
            DryRun = dryRun, Created = Count(BulkOutcome.Created), Changed = Count(BulkOutcome.Changed), Unchanged = Count(BulkOutcome.Unchanged), Refused = Count(BulkOutcome.Refused), Rows = _rows,
        };
    }

    private int Count(BulkOutcome outcome) => _rows.Count(row => row.Outcome == outcome);

    private BulkRow Apply(int row, JsonElement element, bool isCsv, bool mayChange, bool dryRun)
    {
        RequestErrors errors = new();
        ObjectReader reader = ObjectReader.Of(element, "$", errors);
        NewExtension wish = reader.ReadExtension();
        IReadOnlyList<DeviceDocument> devices = reader.Objects("devices", DeviceMapping.ReadDeviceMembers, 100);
        reader.Finish();
        Extension? present = _extensions.GetValueOrDefault(wish.Number);
        if (!errors.Any)
            Check(wish, devices, present, mayChange, errors);
        if (errors.Any)
            return new BulkRow { Row = row, Subject = wish.Number, Outcome = BulkOutcome.Refused, Errors = isCsv ? Columns(errors) : errors.ToDictionary() };
        bool changed = false;
        Extension extension = present ?? wish.ToExtension(context.TenantId);
        if (present is null)
        {
            db.Extensions.Add(extension);
            _extensions[wish.Number] = extension;
        }
        else if (!_inFile.ContainsKey(wish.Number))
        {
            changed = extension.Apply(wish);
        }
        _inFile.TryAdd(wish.Number, row);
        List<GeneratedSecret> secrets = [];
        foreach (DeviceDocument device in devices)
            changed |= Apply(device, extension, secrets);
        return new BulkRow
        {
            Row = row, Subject = wish.Number, Outcome = present is null ? BulkOutcome.Created : changed ? BulkOutcome.Changed : BulkOutcome.Unchanged, Secrets = secrets.Count > 0 && !dryRun ? secrets : null,
        };
    }

    private void Check(NewExtension wish, IReadOnlyList<DeviceDocument> devices, Extension? present, bool mayChange, RequestErrors errors)
    {
        if (_rooms.Contains(wish.Number))
            errors.Add("$.number", "The tenant has a conference room of this number: choose another.");
        else if (present is not null && _inFile.TryGetValue(wish.Number, out int above))
        {
            if (!present.IsAs(wish))
                errors.Add("$.number", $"Row {above} says otherwise about this extension. Further rows of a number add phones: leave everything else as it is there.");
        }
        else if (present is not null && !mayChange)
            errors.Add("$.number", "The tenant has an extension of this number: choose another, or ask with existing=change.");
        else if (present is null && _extensions.Count >= _mostExtensions)
            errors.Add("$.number", PlanLimits.ExtensionSentence(_mostExtensions.Value));
        HashSet<string> users = new(StringComparer.Ordinal);
        for (int i = 0; i < devices.Count; i++)
        {
            string user = devices[i].AuthUser ?? wish.Number;
            if (!users.Add(user) || (_devices.TryGetValue(user, out Device? other) && (other.ExtensionId != present?.Id || other.ExpiresAt is not null)))
                errors.Add($"$.devices[{i}].authUser", "The tenant has a device with this user name: choose another.");
        }
    }

    /// <summary>Adds or changes a device; gives whether anything is different now.</summary>
    private bool Apply(DeviceDocument wish, Extension extension, List<GeneratedSecret> secrets)
    {
        string user = wish.AuthUser ?? extension.Number;
        if (!_devices.TryGetValue(user, out Device? device))
        {
            string secret = wish.Secret ?? SipSecret.Generate();
            DeviceId id = DeviceId.New();
            device = new Device
            {
                Id = id, TenantId = context.TenantId, ExtensionId = extension.Id, Name = wish.Name ?? Rules.DefaultDeviceName, AuthUser = user,
                SealedSecret = DeviceSecret.Seal(keyring, _key, id, secret), Encryption = wish.Encryption ?? SrtpPolicy.Optional, DigestSha256 = wish.DigestSha256 ?? false,
            };
            db.Devices.Add(device);
            _devices[user] = device;
            if (wish.Secret is null)
                secrets.Add(new GeneratedSecret(extension.Number, device.Name, user, secret));
            return true;
        }
        (string, SrtpPolicy, bool) before = (device.Name, device.Encryption, device.DigestSha256);
        (device.Name, device.Encryption, device.DigestSha256) = (wish.Name ?? device.Name, wish.Encryption ?? device.Encryption, wish.DigestSha256 ?? device.DigestSha256);
        bool changed = before != (device.Name, device.Encryption, device.DigestSha256);
        if (wish.Secret is { } wanted && !(new DeviceSecret(keyring, _key, device.Id, device.SealedSecret).TryOpen(out string? known) && known == wanted))
        {
            device.SealedSecret = DeviceSecret.Seal(keyring, _key, device.Id, wanted);
            changed = true;
        }
        return changed;
    }

    /// <summary>The errors by the columns that <see cref="ExtensionCsv"/> reads.</summary>
    private static Dictionary<string, string[]> Columns(RequestErrors errors)
    {
        Dictionary<string, string[]> byColumn = new(StringComparer.Ordinal);
        foreach ((string path, string[] sentences) in errors.ToDictionary())
        {
            byColumn[ExtensionCsv.ColumnOf(path)] = sentences;
        }
        return byColumn;
    }
}
