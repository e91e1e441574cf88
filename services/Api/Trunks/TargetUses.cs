using CloudPbx.Contracts.Api;
using CloudPbx.Data;
using CloudPbx.Data.Numbering;
using CloudPbx.Data.Trunks;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Trunks;

/// <summary>What leads calls to an extension: numbers and trunks from outside, forwards inside.</summary>
internal static class TargetUses
{
    /// <summary>Says what does from outside, a few of them.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(PbxDbContext db, string extension, CancellationToken cancel) =>
    [
        .. (await db.PhoneNumbers.Where(n => n.Extension == extension).OrderBy(n => n.Number).Select(n => n.Number).Take(5).ToListAsync(cancel)).Select(number => $"number {number}"),
        .. (await db.Trunks.AsNoTracking().ToListAsync(cancel)).Where(t => t.Details.DefaultExtension == extension).Select(t => $"trunk {t.Name}"),
    ];

    /// <summary>Lets it follow the extension to its new number; the caller saves.</summary>
    public static async Task MoveAsync(PbxDbContext db, string extension, string moved, CancellationToken cancel)
    {
        foreach (PhoneNumber number in await db.PhoneNumbers.Where(n => n.Extension == extension).ToListAsync(cancel))
            number.Extension = moved;
        foreach (Trunk trunk in (await db.Trunks.ToListAsync(cancel)).Where(t => t.Details.DefaultExtension == extension))
            trunk.Details = trunk.Details with { DefaultExtension = moved };
        foreach (Extension other in (await db.Extensions.ToListAsync(cancel)).Where(e => e.Forwards is not null))
            other.Forwards = Moved(other.Forwards!);

        CallForwards Moved(CallForwards forwards) => new()
        {
            Always = Follow(forwards.Always), Busy = Follow(forwards.Busy), NoAnswer = Follow(forwards.NoAnswer), Unreachable = Follow(forwards.Unreachable), Declined = Follow(forwards.Declined),
        };

        string? Follow(string? target) => target == extension ? moved : target;
    }
}
