using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>What trunks, numbers and routes may refer to: the tenant's as it is, or as its document says.</summary>
/// <param name="Extensions">Numbers inside that can be called: extensions, conference rooms.</param>
/// <param name="Trunks">Trunks by name.</param>
/// <param name="Numbers">Telephone numbers.</param>
/// <param name="Profiles">The tenant's own profiles.</param>
internal sealed record References(IReadOnlySet<string> Extensions, IReadOnlySet<string> Trunks, IReadOnlySet<string> Numbers, OwnProfiles Profiles)
{
    public static async Task<References> LoadAsync(PbxDbContext db, CancellationToken cancel) => new(
        (await db.Extensions.Select(e => e.Number).Concat(db.Conferences.Select(c => c.Number)).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal),
        (await db.Trunks.Select(t => t.Name).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal),
        (await db.PhoneNumbers.Select(n => n.Number).ToListAsync(cancel)).ToHashSet(StringComparer.Ordinal),
        await OwnProfiles.LoadAsync(db, cancel));

    /// <param name="document">The document.</param>
    /// <param name="platformTrunks">Names of the platform's trunks that the tenant may use: they stand in no document.</param>
    public static References Of(TenantDocument document, IReadOnlySet<string> platformTrunks) => new(
        document.Extensions.Select(e => e.Number).Concat(document.Conferences.Select(c => c.Number)).ToHashSet(StringComparer.Ordinal),
        document.Trunks.Select(t => t.Name).Concat(platformTrunks).ToHashSet(StringComparer.Ordinal),
        document.Numbers.Select(n => n.Number).ToHashSet(StringComparer.Ordinal),
        OwnProfiles.Of(document.Profiles));

    public void Check(TrunkDocument trunk, string path, RequestErrors errors)
    {
        CheckExtension(trunk.DefaultExtension, $"{path}.defaultExtension", errors);
        Profiles.Check(trunk.Profile, trunk.Changes, path, errors);
    }

    public void Check(NumberDocument number, string path, RequestErrors errors)
    {
        CheckTrunk(number.Trunk, $"{path}.trunk", errors);
        CheckExtension(number.Extension, $"{path}.extension", errors);
    }

    public void Check(RouteDocument route, string path, RequestErrors errors)
    {
        for (int i = 0; i < route.Trunks.Count; i++)
        {
            string trunk = route.Trunks[i].Trunk;
            CheckTrunk(trunk, $"{path}.trunks[{i}].trunk", errors);
            if (trunk.Length > 0 && route.Trunks.Take(i).Any(earlier => earlier.Trunk == trunk))
                errors.Add($"{path}.trunks[{i}].trunk", $"The route has the trunk \"{trunk}\" already.");
        }
        CheckNumber(route.CallerNumber, $"{path}.callerNumber", errors);
    }

    public void Check(OutsideDocument outside, string path, RequestErrors errors)
    {
        CheckNumber(outside.CallerNumber, $"{path}.callerNumber", errors);
        for (int i = 0; i < outside.CallerNumbers.Count; i++)
            CheckNumber(outside.CallerNumbers[i].Number, $"{path}.callerNumbers[{i}].number", errors);
        for (int i = 0; i < (outside.EmergencyNumbers?.Count ?? 0); i++)
        {
            if (Extensions.Contains(outside.EmergencyNumbers![i]))
                errors.Add($"{path}.emergencyNumbers[{i}]", "Is an extension of the tenant: who dials it would always reach the emergency service. Give the extension another number.");
        }
    }

    private void CheckExtension(string? extension, string path, RequestErrors errors)
    {
        if (extension is { Length: > 0 } && !Extensions.Contains(extension))
            errors.Add(path, "The tenant has no extension of this number: create it first.");
    }

    private void CheckTrunk(string? trunk, string path, RequestErrors errors)
    {
        if (trunk is { Length: > 0 } && !Trunks.Contains(trunk))
            errors.Add(path, Trunks.Count == 0 ? "The tenant has no trunk yet: create it first." : $"The tenant has no such trunk. It has: {string.Join(", ", Trunks.Order(StringComparer.Ordinal).Take(20))}.");
    }

    private void CheckNumber(string? number, string path, RequestErrors errors)
    {
        if (number is { Length: > 0 } && !Numbers.Contains(number))
            errors.Add(path, "Is no number of the tenant: only its own numbers may be shown as caller. Add it to its numbers first.");
    }
}
