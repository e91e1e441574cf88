using System.Formats.Tar;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Api.Access;
using CloudPbx.Api.Prompts;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Contracts.Text;
using CloudPbx.Data;
using CloudPbx.Data.Audit;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Prompts;
using CloudPbx.Data.Recordings;
using CloudPbx.Data.Tenants;
using CloudPbx.Hosting.Web.Addresses;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Documents;

/// <summary>
/// A whole tenant in one file (POSIX tar), written as it is read: its document, its own prompts and its recordings, opened. It is for keeping and for moving away; nothing here
/// reads one. The document in it goes in again by <c>apply</c>, a prompt by its upload, where each is looked at as what it is (SECURITY.md S26).
/// </summary>
internal static partial class ArchiveEndpoints
{
    /// <summary>How many recordings are in it.</summary>
    public const string RecordingsHeader = "Archive-Recordings";

    /// <summary>Octets that it will have, nearly.</summary>
    public const string OctetsHeader = "Archive-Octets";

    private const int AtOnce = 200;
    private const int HeadOctets = 1024;                                // of an entry in the archive, about
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void MapArchive(this RouteGroupBuilder tenant) => tenant.MapGet("/archive", ExportAsync).WithTags("Documents").WithName("ExportArchive")
        .WithSummary("The whole tenant in one tar file: tenant.json (passwords included), prompts, recordings and the list of them. Keep it as safe as the passwords.")
        .Produces(StatusCodes.Status200OK, contentType: "application/x-tar");

    internal static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> ExportAsync(
        HttpContext http, Caller caller, TenantContext tenant, ITenantConfigurationSource source, TenantLookup tenants, PbxDbContext db, TenantKeyring keyring, IBlobStore blobs, TimeProvider time,
        ILoggerFactory loggers, CancellationToken cancel)
    {
        TenantLoad load = await source.LoadAsync(tenant.TenantId, cancel);
        if (!load.IsLoaded)
            return load.Outcome == TenantLoadOutcome.DatabaseAway ? Answers.DatabaseAway() : Answers.NotFound("The tenant was deleted.");
        TenantDocument document = await DocumentEndpoints.CompleteAsync(load.Configuration, tenants, db, cancel);
        TenantKey key = (await db.TenantKeys.AsNoTracking().SingleAsync(cancel)).ToKey();
        DateTime now = time.GetUtcNow().UtcDateTime;
        // A reading that the audit has to have: everything that was said leaves the house.
        db.AuditEntries.Add(new AuditEntry
        {
            TenantId = tenant.TenantId, Id = Guid.CreateVersion7(), At = now, Actor = caller.Subject, ActorName = caller.Name, Action = "ExportArchive", Target = http.Request.Path.ToString(),
            Status = StatusCodes.Status200OK, Address = ForwardedVisitor.AddressOf(http)?.ToString(),
        });
        SaveOutcome outcome = await db.TrySaveAsync(cancel);
        if (outcome != SaveOutcome.Saved)
            return Answers.Refused(outcome);
        int recordings = await db.Recordings.CountAsync(cancel);
        long octets = await db.Recordings.SumAsync(r => r.Length + HeadOctets, cancel) + await db.Prompts.SumAsync(p => p.Length + HeadOctets, cancel);
        http.Response.Headers[RecordingsHeader] = recordings.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers[OctetsHeader] = octets.ToString(CultureInfo.InvariantCulture);
        http.Response.Headers.CacheControl = "no-store";
        ArchiveWriter writer = new(db, key, keyring, blobs, loggers.CreateLogger("CloudPbx.Api.Documents"));
        LogExported(loggers.CreateLogger("CloudPbx.Api.Documents"), tenant.TenantId, recordings, caller.Subject);
        return TypedResults.Stream(to => writer.WriteAsync(to, document, now, http.RequestAborted), "application/x-tar", $"{document.Name}-{now:yyyyMMdd-HHmmss}.tar");
    }

    [LoggerMessage(LogLevel.Information, "Tenant {TenantId} with {Count} recordings is exported for {Subject}")]
    private static partial void LogExported(ILogger logger, TenantId tenantId, int count, string subject);

    [LoggerMessage(LogLevel.Warning, "{What} of tenant {TenantId} is not in its export: {Reason}")]
    private static partial void LogMissing(ILogger logger, string what, TenantId tenantId, string reason);

    /// <summary>Writes one archive. What cannot be opened is left out, and the list says so; a store that breaks off in the middle of a recording breaks off the archive.</summary>
    private sealed class ArchiveWriter(PbxDbContext db, TenantKey key, TenantKeyring keyring, IBlobStore blobs, ILogger logger)
    {
        public async Task WriteAsync(Stream to, TenantDocument document, DateTime now, CancellationToken cancel)
        {
            await using TarWriter tar = new(to, TarEntryFormat.Pax, leaveOpen: true);
            await WriteTextAsync(tar, "tenant.json", JsonSerializer.Serialize(document, s_json), now, cancel);
            foreach (Prompt prompt in await db.Prompts.AsNoTracking().OrderBy(p => p.Name).ToListAsync(cancel))
            {
                await using RecordingWaveStream? wave = await TryOpenAsync(() => PromptEndpoints.OpenAsync(prompt, key, keyring, blobs, cancel), $"prompt {prompt.Name}");
                if (wave is not null)
                    await WriteAsync(tar, $"prompts/{prompt.Name}.wav", wave, prompt.UploadedAt, cancel);
            }
            StringBuilder list = new("file,recording,call,started,duration_seconds,caller,called,direction\n");
            long after = 0;
            while (await db.Recordings.AsNoTracking().Where(r => r.Sequence > after).OrderBy(r => r.Sequence).Take(AtOnce).ToListAsync(cancel) is { Count: > 0 } page)
            {
                foreach (Recording recording in page)
                    await WriteAsync(tar, recording, list, cancel);
                after = page[^1].Sequence;
            }
            await WriteTextAsync(tar, "recordings.csv", list.ToString(), now, cancel);
        }

        private async Task WriteAsync(TarWriter tar, Recording recording, StringBuilder list, CancellationToken cancel)
        {
            // Identifiers and an instant: nothing that somebody has typed is part of a path.
            string file = string.Create(CultureInfo.InvariantCulture, $"recordings/{recording.StartedAt:yyyyMMdd-HHmmss}-{recording.CallId}-{recording.Id}.wav");
            await using RecordingWaveStream? wave = await TryOpenAsync(() => OpenAsync(recording, cancel), $"recording {recording.Id}");
            if (wave is not null)
                await WriteAsync(tar, file, wave, recording.StartedAt, cancel);
            list.Append(CsvText.Line(
                wave is null ? "" : file, recording.Id.ToString(), recording.CallId.ToString(), recording.StartedAt.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
                (recording.DurationMilliseconds / 1000.0).ToString("0.000", CultureInfo.InvariantCulture), recording.CallerNumber, recording.CalledNumber, recording.Direction.ToString().ToLowerInvariant())).Append('\n');
        }

        private async Task<RecordingWaveStream?> OpenAsync(Recording recording, CancellationToken cancel) =>
            RecordingKey.Open(keyring, key, recording.Id, recording.SealedKey) is { } clear && await blobs.OpenAsync(BlobPath.Recording(recording.TenantId, recording.Id), cancel) is { } stored
                ? await RecordingWaveStream.OpenAsync(stored, clear, cancel) : null;

        private async Task<RecordingWaveStream?> TryOpenAsync(Func<Task<RecordingWaveStream?>> open, string what)
        {
            string reason = "it is not in the object store, or its key cannot be opened";
            try
            {
                if (await open() is { } wave)
                    return wave;
            }
            catch (IOException fault)
            {
                reason = fault.Message;
            }
            LogMissing(logger, what, key.TenantId, reason);
            return null;
        }

        private static async Task WriteTextAsync(TarWriter tar, string name, string text, DateTime at, CancellationToken cancel)
        {
            using MemoryStream content = new(Encoding.UTF8.GetBytes(text));
            await WriteAsync(tar, name, content, at, cancel);
        }

        private static Task WriteAsync(TarWriter tar, string name, Stream content, DateTime at, CancellationToken cancel) => tar.WriteEntryAsync(
            new PaxTarEntry(TarEntryType.RegularFile, name)
            {
                DataStream = content, ModificationTime = new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)), Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }, cancel);
    }
}
