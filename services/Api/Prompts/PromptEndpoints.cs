using System.Security.Cryptography;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Refresh;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Problems;
using CloudPbx.MediaControl;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Prompts;

/// <summary>The tenant's own sounds, by name. What is uploaded is decoded by a media node and stored as samples, sealed (infra/decisions/0013-prompts.md).</summary>
internal static partial class PromptEndpoints
{
    /// <summary>Prompts of one tenant at most.</summary>
    public const int Most = 100;

    public static void MapPrompts(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/prompts").WithTags("Prompts");
        group.MapGet("/", ListAsync).WithName("ListPrompts").WithSummary("Lists the tenant's own sounds, by name, and where they play.");
        group.MapGet("/{name}", GetAsync).WithName("GetPrompt");
        group.MapPut("/{name}", PutAsync).WithName("PutPrompt").Accepts<Stream>("audio/wav", BodyDescriptions.AnyType)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Uploads a WAV file (PCM of 8 or 16 bit, A-law or µ-law, any rate) under a name, in place of an earlier one. It is decoded and stored as one channel at 16 kHz.");
        group.MapGet("/{name}/audio", DownloadAsync).WithName("DownloadPrompt").WithSummary("The sound as it plays, a WAV file. Ranges are served.").Produces(StatusCodes.Status200OK, contentType: "audio/wav");
        group.MapDelete("/{name}", DeleteAsync).WithName("DeletePrompt");
    }

    internal static async Task<Ok<Page<PromptDto>>> ListAsync(PbxDbContext db, CancellationToken cancel)
    {
        ILookup<string, string> uses = await PromptUses.ReadAsync(db, cancel);
        List<Prompt> prompts = await db.Prompts.AsNoTracking().OrderBy(p => p.Name).ToListAsync(cancel);
        return TypedResults.Ok(new Page<PromptDto>([.. prompts.Select(p => ToDto(p, uses))], null));
    }

    internal static async Task<Results<Ok<PromptDto>, ProblemHttpResult>> GetAsync(string name, HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(db, name, cancel) is not { } found)
            return Missing();
        EntityTags.Write(http, found);
        return TypedResults.Ok(ToDto(found, await PromptUses.ReadAsync(db, cancel)));
    }

    internal static async Task<Results<Ok<PromptDto>, CreatedAtRoute<PromptDto>, ProblemHttpResult>> PutAsync(
        string name, WaveBody body, HttpContext http, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, IBlobStore blobs, ISoundDecoder decoder, ConfigurationAnnouncer announcer,
        TimeProvider time, ILoggerFactory loggers, CancellationToken cancel)
    {
        if (Rules.PromptName(name) is { } wrong)
            return Invalid("name", wrong);
        if (body.Octets is not { } octets)
            return Invalid("$", Sentence(DecodeFault.TooLarge));
        // Before the work, and again after it: who is over the limit waits for nothing.
        if (!await db.Prompts.AnyAsync(p => p.Name == name, cancel) && await db.Prompts.CountAsync(cancel) >= Most)
            return TooMany();
        DecodedSound sound = await decoder.DecodeAsync(octets, cancel);
        if (sound.Fault == DecodeFault.Away)
            return Answers.ServiceAway("No media node answers that could decode the file. Nothing was stored; try again in a few seconds.");
        if (sound.Fault != DecodeFault.None)
            return Invalid("$", Sentence(sound.Fault));
        RecordingId audio = RecordingId.New();
        byte[] key = RandomNumberGenerator.GetBytes(SealedAudio.KeyLength), stored = SealedAudio.Mono(sound.SampleRate, audio).SealAll(key, sound.Samples.Span);
        ILogger logger = loggers.CreateLogger("CloudPbx.Api.Prompts");
        try
        {
            using MemoryStream content = new(stored, writable: false);
            await blobs.PutAsync(BlobPath.Prompt(tenant.TenantId, audio), content, cancel);
        }
        catch (IOException fault)
        {
            LogStoreAway(logger, fault.Message);
            return StoreAway();
        }
        RecordingId? left = audio;                                      // what is to be dropped at the end: the new one, unless it is kept
        try
        {
            await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
            if (change is null)
                return Answers.NotFound("The tenant was deleted.");
            Prompt? row = await db.Prompts.SingleOrDefaultAsync(p => p.Name == name, cancel);
            if (row is not null && !EntityTags.Allow(http, row))
                return Answers.ChangedSinceRead();
            if (row is null && await db.Prompts.CountAsync(cancel) >= Most)
                return TooMany();
            if (await PlanLimits.RefuseStorageAsync(db, stored.Length - (row?.Length ?? 0), cancel) is { } noRoom)
                return noRoom;
            DateTime now = time.GetUtcNow().UtcDateTime;
            long milliseconds = sound.Samples.Length / 2 * 1000L / sound.SampleRate;
            byte[] sealedKey = RecordingKey.Seal(keyring, (await db.TenantKeys.AsNoTracking().SingleAsync(cancel)).ToKey(), audio, key);
            bool isNew = row is null;
            RecordingId? former = row?.Audio;
            if (row is null)
            {
                row = new Prompt
                {
                    Id = PromptId.New(), TenantId = tenant.TenantId, Name = name, Audio = audio, SealedKey = sealedKey, DurationMilliseconds = milliseconds, Length = stored.Length, UploadedAt = now,
                };
                db.Prompts.Add(row);
            }
            else
            {
                (row.Audio, row.SealedKey, row.DurationMilliseconds, row.Length, row.UploadedAt) = (audio, sealedKey, milliseconds, stored.Length, now);
            }
            SaveOutcome outcome = await change.TrySaveAsync($"prompt {name} {(isNew ? "uploaded" : "replaced")}", now, cancel);
            if (outcome != SaveOutcome.Saved)
                return Answers.Refused(outcome);
            left = former;
            await announcer.CallsChangedAsync(tenant.TenantId, change.Version);
            EntityTags.Write(http, row);
            PromptDto dto = ToDto(row, await PromptUses.ReadAsync(db, cancel));
            return isNew ? TypedResults.CreatedAtRoute(dto, "GetPrompt", new { tenant = tenant.TenantId.ToString(), name }) : TypedResults.Ok(dto);
        }
        finally
        {
            if (left is { } unused)
                await DropAsync(blobs, tenant.TenantId, unused, logger);
        }
    }

    internal static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DownloadAsync(
        string name, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, IBlobStore blobs, ILoggerFactory loggers, CancellationToken cancel)
    {
        if (await FindAsync(db, name, cancel) is not { } found)
            return Missing();
        TenantKey key = (await db.TenantKeys.AsNoTracking().SingleAsync(cancel)).ToKey();
        try
        {
            return await OpenAsync(found, key, keyring, blobs, cancel) is { } wave
                ? TypedResults.Stream(wave, "audio/wav", $"{found.Name}.wav", found.UploadedAt, enableRangeProcessing: true)
                : TypedResults.Problem(
                    statusCode: StatusCodes.Status500InternalServerError, type: ProblemTypes.Unreadable, title: "The prompt cannot be opened.",
                    detail: "Its sound is not in the object store, or its key cannot be opened by this installation's platform key. Upload it again.");
        }
        catch (IOException fault)
        {
            LogStoreAway(loggers.CreateLogger("CloudPbx.Api.Prompts"), fault.Message);
            return StoreAway();
        }
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string name, HttpContext http, TenantContext tenant, PbxDbContext db, IBlobStore blobs, ConfigurationAnnouncer announcer, TimeProvider time, ILoggerFactory loggers, CancellationToken cancel)
    {
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null || await FindAsync(db, name, cancel) is not { } row)
            return Missing();
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if ((await PromptUses.ReadAsync(db, cancel))[row.Name].ToList() is { Count: > 0 } uses)
            return Answers.InUse($"It plays as {string.Join(", ", uses)}. Choose another sound there first.");
        db.Prompts.Remove(row);
        SaveOutcome outcome = await change.TrySaveAsync($"prompt {row.Name} deleted", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        await announcer.CallsChangedAsync(tenant.TenantId, change.Version);
        await DropAsync(blobs, tenant.TenantId, row.Audio, loggers.CreateLogger("CloudPbx.Api.Prompts"));
        return TypedResults.NoContent();
    }

    /// <summary>Opens a prompt's sound; null where it is not there or cannot be opened.</summary>
    /// <exception cref="IOException">The object store is away.</exception>
    internal static async Task<RecordingWaveStream?> OpenAsync(Prompt prompt, TenantKey tenantKey, TenantKeyring keyring, IBlobStore blobs, CancellationToken cancel) =>
        RecordingKey.Open(keyring, tenantKey, prompt.Audio, prompt.SealedKey) is { } key && await blobs.OpenAsync(BlobPath.Prompt(prompt.TenantId, prompt.Audio), cancel) is { } stored
            ? await RecordingWaveStream.OpenAsync(stored, key, cancel) : null;

    private static Task<Prompt?> FindAsync(PbxDbContext db, string name, CancellationToken cancel) => db.Prompts.SingleOrDefaultAsync(p => p.Name == name, cancel);

    private static async Task DropAsync(IBlobStore blobs, TenantId tenant, RecordingId audio, ILogger logger)
    {
        try
        {
            await blobs.DeleteAsync(BlobPath.Prompt(tenant, audio), CancellationToken.None);
        }
        catch (IOException fault)
        {
            LogStoreAway(logger, fault.Message);                        // nobody has its key: it is noise until its tenant is deleted
        }
    }

    private static PromptDto ToDto(Prompt prompt, ILookup<string, string> uses) => new()
    {
        Id = prompt.Id, Name = prompt.Name, DurationSeconds = prompt.DurationMilliseconds / 1000.0, Length = prompt.Length, UploadedAt = prompt.UploadedAt, Uses = [.. uses[prompt.Name]],
    };

    private static string Sentence(DecodeFault fault) => fault switch
    {
        DecodeFault.NotWave => "Must be a WAV file. Another form is converted first, for example by: ffmpeg -i music.mp3 music.wav",
        DecodeFault.NoFormat => "Must be a whole WAV file: this one does not say how its samples are held.",
        DecodeFault.NoData => "Must have samples: this file has none.",
        DecodeFault.TooLong => $"Must play for {DecodeLimits.MostSeconds} seconds at most.",
        DecodeFault.TooLarge => $"Must have {DecodeLimits.MostOctets >> 20} MiB at most.",
        _ => "Must hold PCM of 8 or 16 bit, A-law or µ-law in 1 to 8 channels. Another encoding is converted first, for example by: ffmpeg -i old.wav -c:a pcm_s16le new.wav",
    };

    private static ProblemHttpResult Invalid(string place, string sentence) => Answers.Invalid(new Dictionary<string, string[]> { [place] = [sentence] });

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such prompt.");

    private static ProblemHttpResult TooMany() => Answers.InUse($"The tenant has {Most} prompts, which is the most. Delete one first.");

    private static ProblemHttpResult StoreAway() => TypedResults.Problem(
        statusCode: StatusCodes.Status503ServiceUnavailable, type: ProblemTypes.ObjectStoreAway, title: "The object store is away.", detail: "Nothing was changed. Try again in a while.");

    [LoggerMessage(LogLevel.Warning, "The object store is away: {Reason}")]
    private static partial void LogStoreAway(ILogger logger, string reason);
}
