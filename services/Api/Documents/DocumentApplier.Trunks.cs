using System.Text.Json;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Numbers;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Documents;

/// <summary>Profiles, trunks and routes are known by their names, numbers by themselves.</summary>
internal sealed partial class DocumentApplier
{
    private readonly List<(Trunk Trunk, IReadOnlyList<string> Sources)> _trunks = [];

    private async Task EditTrunksAsync(TenantDocument document, Tenant tenant, RequestErrors errors, CancellationToken cancel)
    {
        OwnProfiles profiles = await EditProfilesAsync(document, cancel);
        List<Trunk> present = await db.Trunks.ToListAsync(cancel);
        List<PhoneNumber> numbers = await db.PhoneNumbers.ToListAsync(cancel);
        List<TrunkRoute> routes = await db.TrunkRoutes.ToListAsync(cancel);
        Dictionary<string, Trunk> left = present.Where(t => t.GlobalTrunkId is null).ToDictionary(t => t.Name, StringComparer.Ordinal);
        Trunk[] given = [.. present.Where(t => t.GlobalTrunkId is not null)];
        await db.TrunkSources.LoadAsync(cancel);
        TrunkSecrets secrets = TrunkSecrets.Of(keyring, _key);
        for (int i = 0; i < document.Trunks.Count; i++)
        {
            TrunkDocument wish = document.Trunks[i];
            left.Remove(wish.Name, out Trunk? trunk);
            int before = errors.Count;
            wish.Accounts.CheckPasswords(trunk?.Details, $"$.trunks[{i}]", errors);
            if (errors.Count == before)
                await EditTrunkAsync(wish, trunk, tenant.Language, secrets, profiles, cancel);
        }
        if (errors.Any)
            return;
        Dictionary<string, TrunkId> ids = _trunks.Select(t => t.Trunk).Concat(given).ToDictionary(t => t.Name, t => t.Id, StringComparer.Ordinal);
        EditNumbers(document, numbers, ids, [.. given.Select(t => t.Id)], errors);
        EditRoutes(document, routes, ids);
        await EditOutsideAsync(document, cancel);
        _trunks.AddRange(given.Select(trunk => (trunk, (IReadOnlyList<string>)[.. db.TrunkSources.Local.Where(s => s.TrunkId == trunk.Id).Select(s => s.Network)])));
        foreach (Trunk trunk in left.Values)
        {
            db.Trunks.Remove(trunk);
            _changes.Add($"trunk {trunk.Name} deleted");
        }
    }

    private async Task<OwnProfiles> EditProfilesAsync(TenantDocument document, CancellationToken cancel)
    {
        Dictionary<string, TrunkProfileRow> left = await db.TrunkProfiles.ToDictionaryAsync(p => p.Name, StringComparer.Ordinal, cancel);
        foreach (ProfileDocument wish in document.Profiles)
        {
            if (!left.Remove(wish.Name, out TrunkProfileRow? row))
            {
                db.TrunkProfiles.Add(ProfileMapping.NewProfile(context.TenantId, wish));
                _changes.Add($"profile {wish.Name} created");
            }
            else if (row.Apply(wish))
            {
                _changes.Add($"profile {row.Name} changed");
            }
        }
        foreach (TrunkProfileRow row in left.Values)
        {
            db.TrunkProfiles.Remove(row);
            _changes.Add($"profile {row.Name} deleted");
        }
        return OwnProfiles.Of(document.Profiles);
    }

    private async Task EditTrunkAsync(TrunkDocument wish, Trunk? trunk, string language, TrunkSecrets secrets, OwnProfiles profiles, CancellationToken cancel)
    {
        bool isNew = trunk is null;
        if (trunk is null)
        {
            trunk = TrunkMapping.NewTrunk(context.TenantId, wish);
            db.Trunks.Add(trunk);
        }
        bool changed = trunk.Apply(wish, language, secrets, profiles) | await TrunkSaving.EditSourcesAsync(db, trunk, wish.Sources, cancel);
        if (isNew || changed)
            _changes.Add($"trunk {trunk.Name} {(isNew ? "created" : "changed")}");
        _trunks.Add((trunk, wish.Sources));
    }

    // A number that the platform or the reseller has given keeps its trunk, and stays although the document does not name it: whoever gave it takes it back.
    private void EditNumbers(TenantDocument document, List<PhoneNumber> present, Dictionary<string, TrunkId> trunks, HashSet<TrunkId> given, RequestErrors errors)
    {
        Dictionary<string, PhoneNumber> left = present.ToDictionary(n => n.Number, StringComparer.Ordinal);
        for (int i = 0; i < document.Numbers.Count; i++)
        {
            NumberDocument wish = document.Numbers[i];
            TrunkId? trunk = wish.Trunk is null ? null : trunks[wish.Trunk];
            left.Remove(wish.Number, out PhoneNumber? row);
            TrunkId? ofPlatform = row?.TrunkId is { } now && given.Contains(now) ? now : null;
            if ((trunk is { } asked && given.Contains(asked) && asked != ofPlatform) || (ofPlatform is not null && trunk is not null && trunk != ofPlatform))
            {
                errors.Add($"$.numbers[{i}].trunk", NumberEndpoints.OwnNumberText);
                continue;
            }
            trunk = ofPlatform ?? trunk;
            if (row is null)
            {
                row = new PhoneNumber { Id = NumberId.New(), TenantId = context.TenantId, Number = wish.Number };
                row.Apply(wish, trunk);
                db.PhoneNumbers.Add(row);
                _changes.Add($"number {row.Number} added");
            }
            else if (row.Apply(wish, trunk))
            {
                _changes.Add($"number {row.Number} changed");
            }
        }
        foreach (PhoneNumber row in left.Values.Where(n => n.TrunkId is not { } trunk || !given.Contains(trunk)))
        {
            db.PhoneNumbers.Remove(row);
            _changes.Add($"number {row.Number} removed");
        }
    }

    private void EditRoutes(TenantDocument document, List<TrunkRoute> present, Dictionary<string, TrunkId> trunks)
    {
        Dictionary<string, TrunkRoute> left = present.ToDictionary(r => r.Name, StringComparer.Ordinal);
        foreach (RouteDocument wish in document.Routes)
        {
            if (!left.Remove(wish.Name, out TrunkRoute? row))
            {
                row = RouteMapping.NewRoute(context.TenantId, wish);
                row.Apply(wish, trunks);
                db.TrunkRoutes.Add(row);
                _changes.Add($"route {row.Name} created");
            }
            else if (row.Apply(wish, trunks))
            {
                _changes.Add($"route {row.Name} changed");
            }
        }
        foreach (TrunkRoute row in left.Values)
        {
            db.TrunkRoutes.Remove(row);
            _changes.Add($"route {row.Name} deleted");
        }
    }

    private async Task EditOutsideAsync(TenantDocument document, CancellationToken cancel)
    {
        OutsideCallingRow? row = await db.OutsideCalling.SingleOrDefaultAsync(cancel);
        OutsideCalling before = row?.Settings ?? new OutsideCalling();
        OutsideCalling wish = (document.Outside ?? new OutsideDocument()).ToSettings(document.Limits ?? new CallLimits(), document.Rates);
        if (Text(wish) == Text(before))
            return;
        if (Text(wish.Rates) != Text(before.Rates))
            _changes.Add("rates changed");
        if (Text(wish with { Limits = before.Limits, Rates = before.Rates }) != Text(before))
            _changes.Add("outside calls changed");
        if (Text(wish.Limits) != Text(before.Limits))
            _changes.Add("limits changed");
        if (row is null)
            db.OutsideCalling.Add(new OutsideCallingRow { TenantId = context.TenantId, Settings = wish });
        else
            row.Settings = wish;
    }

    private async Task<bool> FindSourceConflictsAsync(TenantDocument document, RequestErrors errors, CancellationToken cancel)
    {
        await SourceConflicts.LockAsync(db, cancel);
        foreach (SourceConflict conflict in await conflicts.FindAsync(context.TenantId, [.. _trunks.OrderByDescending(t => t.Trunk.GlobalTrunkId is not null)], cancel))
        {
            int trunk = document.Trunks.ToList().FindIndex(t => t.Name == conflict.Trunk);
            if (trunk < 0)
                continue;                                                               // a shared one, against another tenant: not this document's doing
            errors.Add($"$.trunks[{trunk}].sources[{document.Trunks[trunk].Sources.ToList().IndexOf(conflict.Network)}]", conflict.Reason);
        }
        return errors.Any;
    }

    private static string Text<T>(T value) => JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
}
