using CloudPbx.Data;
using CloudPbx.Data.Conferences;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Prompts;

/// <summary>Where a tenant's own prompts play.</summary>
internal static class PromptUses
{
    /// <summary>What a setting says that names a prompt which there is not.</summary>
    public const string UnknownText = "Must be the name of a prompt of this tenant: upload it first.";

    /// <summary>The uses of all prompts, by name; those of names that no prompt has, too.</summary>
    public static async Task<ILookup<string, string>> ReadAsync(PbxDbContext db, CancellationToken cancel)
    {
        Tenant? tenant = await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel);
        List<ConferenceRoom> rooms = await db.Conferences.AsNoTracking().Where(c => c.Greeting != null).OrderBy(c => c.Number).ToListAsync(cancel);
        return new (string? Name, string Use)[] { (tenant?.HoldMusicPrompt, "hold-music"), (tenant?.RecordingNoticePrompt, "recording-notice") }
            .Concat(rooms.Select(room => (room.Greeting, $"conference {room.Number}"))).Where(use => use.Item1 is not null).ToLookup(use => use.Item1!, use => use.Item2, StringComparer.Ordinal);
    }

    /// <summary>Whether a tenant has the prompt that a setting names; a setting that names none is right, too. Inside a change of the tenant, whose writers wait for each other.</summary>
    public static async Task<bool> HasAsync(PbxDbContext db, string? prompt, CancellationToken cancel) => prompt is null || await db.Prompts.AnyAsync(p => p.Name == prompt, cancel);
}
