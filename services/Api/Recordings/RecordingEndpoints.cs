using System.Globalization;
using CloudPbx.Api.Access;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bodies;
using CloudPbx.Blobs.Recordings;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Recordings;
using CloudPbx.Hosting.Web.Addresses;
using CloudPbx.Hosting.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Recordings;

/// <summary>Recordings of calls, newest first; their audio is opened as it is sent, nothing lies in clear anywhere.</summary>
internal static partial class RecordingEndpoints
{
    public static void MapRecordings(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/recordings").WithTags("Recordings");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListRecordings").WithSummary("Lists recordings, newest first.").WithMetadata(
        [
            new QueryParameter("number", "Only recordings of calls from or to this number."),
            .. QueryParameter.Page,
        ]);
        group.MapGet("/{recording}", GetAsync).For(UserRole.User).WithName("GetRecording");
        group.MapGet("/{recording}/audio", DownloadAsync).For(UserRole.User).WithName("DownloadRecording").WithMetadata(AuditedReading.Mark).WithSummary("A WAV file: the caller left, the callee right. Ranges are served.")
            .Produces(StatusCodes.Status200OK, contentType: "audio/wav");
        group.MapPost("/{recording}/link", LinkAsync).For(UserRole.User).WithName("LinkRecording").Takes<NewRecordingLink>()
            .WithSummary("Makes an address under which the recording is heard without a token, for five minutes at most.");
        group.MapDelete("/{recording}", DeleteAsync).WithName("DeleteRecording");
    }

    /// <summary>The links themselves: whoever has one may listen.</summary>
    public static void MapRecordingLinks(this RouteGroupBuilder open) => open.MapGet("/recording-links/{token}", ListenAsync).WithTags("Recordings").WithName("PlayRecordingLink").AllowAnonymous().WithMetadata(AuditedReading.Mark).AddEndpointFilter<AuditFilter>()
        .WithSummary("The WAV file of a link that was made for it. Ranges are served.").Produces(StatusCodes.Status200OK, contentType: "audio/wav");

    internal static async Task<Results<Ok<Page<RecordingDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        long before = long.MaxValue;
        if (page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out before))
            errors.Add("after", "Must be the value of next from the page before.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<Recording> recordings = Own(db, caller);
        if (request.Query["number"].ToString() is { Length: > 0 } number)
            recordings = recordings.Where(r => r.CallerNumber == number || r.CalledNumber == number);
        List<Recording> found = await recordings.Where(r => r.Sequence < before).OrderByDescending(r => r.Sequence).Take(page.Limit + 1).ToListAsync(cancel);
        string? next = found.Count > page.Limit ? found[page.Limit - 1].Sequence.ToString(CultureInfo.InvariantCulture) : null;
        return TypedResults.Ok(new Page<RecordingDto>([.. found.Take(page.Limit).Select(r => r.ToDto())], next));
    }

    internal static async Task<Results<Ok<RecordingDto>, ProblemHttpResult>> GetAsync(string recording, Caller caller, PbxDbContext db, CancellationToken cancel) =>
        await FindAsync(recording, caller, db, cancel) is { } found ? TypedResults.Ok(found.ToDto()) : Missing();

    internal static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> DownloadAsync(
        string recording, Caller caller, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, IBlobStore blobs, ILoggerFactory loggers, CancellationToken cancel)
    {
        if (await FindAsync(recording, caller, db, cancel) is not { } found)
            return Missing();
        return await OpenAsync(found, caller.Subject, tenant, db, keyring, blobs, loggers, cancel);
    }

    internal static async Task<Results<Created<RecordingLinkDto>, ProblemHttpResult>> LinkAsync(
        string recording, JsonBody body, HttpContext http, Caller caller, TenantContext tenant, PbxDbContext db, RecordingLinks links, PublicUrl publicUrl, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        int? seconds = reader.OptionalInteger("seconds", RecordingLinks.LeastSeconds, RecordingLinks.MostSeconds);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (await FindAsync(recording, caller, db, cancel) is not { } found)
            return Missing();
        (string token, DateTime expires) = links.Make(tenant.TenantId, found.Id, caller.Subject, seconds ?? RecordingLinks.MostSeconds);
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created((string?)null, new RecordingLinkDto(publicUrl.At(RecordingLinks.Path + token), expires));
    }

    internal static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> ListenAsync(
        string token, HttpContext http, TenantContext tenant, RecordingLinks links, TenantKeyring keyring, IBlobStore blobs, ILoggerFactory loggers, CancellationToken cancel)
    {
        if (links.Read(token) is not { } link)
            return Answers.NotFound("This link's time is over, or it was not copied whole. Ask for a new one.");
        tenant.Enter(link.Tenant);
        http.Features.Set(new AuditActor(link.Subject, "link"));
        PbxDbContext db = http.RequestServices.GetRequiredService<PbxDbContext>();
        http.Response.Headers.CacheControl = "no-store";
        return await db.Recordings.AsNoTracking().SingleOrDefaultAsync(r => r.Id == link.Recording, cancel) is { } found
            ? await OpenAsync(found, link.Subject, tenant, db, keyring, blobs, loggers, cancel) : Missing();
    }

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> OpenAsync(
        Recording found, string listener, TenantContext tenant, PbxDbContext db, TenantKeyring keyring, IBlobStore blobs, ILoggerFactory loggers, CancellationToken cancel)
    {
        ILogger logger = loggers.CreateLogger("CloudPbx.Api.Recordings");
        byte[] wrapped = await db.TenantKeys.Select(k => k.Wrapped).SingleOrDefaultAsync(cancel) ?? [];
        if (RecordingKey.Open(keyring, new TenantKey(tenant.TenantId, wrapped), found.Id, found.SealedKey) is not { } key)
            return Unreadable("Its key cannot be opened by this installation's platform key. Restore the platform key file.");
        Stream? sealedAudio;
        try
        {
            sealedAudio = await blobs.OpenAsync(BlobPath.Recording(tenant.TenantId, found.Id), cancel);
        }
        catch (IOException fault)
        {
            LogStoreAway(logger, fault.Message);
            return TypedResults.Problem(
                statusCode: StatusCodes.Status503ServiceUnavailable, type: ProblemTypes.ObjectStoreAway, title: "The object store is away.", detail: "The recording is kept. Try again in a while.");
        }
        if (sealedAudio is null)
        {
            return TypedResults.Problem(
                statusCode: StatusCodes.Status409Conflict, type: ProblemTypes.NotStoredYet, title: "Not stored yet.",
                detail: "The media node has not handed the audio over yet. Try again in a few seconds; if it stays so, that node's disk or uploader needs the operator.");
        }
        if (await RecordingWaveStream.OpenAsync(sealedAudio, key, cancel) is not { } wave)
            return Unreadable("What lies in the object store is no recording.");
        LogOpened(logger, found.Id, tenant.TenantId, listener);
        return TypedResults.Stream(wave, "audio/wav", $"{found.StartedAt:yyyyMMdd-HHmmss}-{found.Id}.wav", found.StartedAt, enableRangeProcessing: true);
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        string recording, Caller caller, TenantContext tenant, PbxDbContext db, IBlobStore blobs, ILoggerFactory loggers, CancellationToken cancel)
    {
        if (await FindAsync(recording, caller, db, cancel) is not { } found)
            return Missing();
        ILogger logger = loggers.CreateLogger("CloudPbx.Api.Recordings");
        // The key first: from here on nobody can play it, whatever becomes of the object.
        await db.Recordings.Where(r => r.Id == found.Id).ExecuteDeleteAsync(cancel);
        LogDeleted(logger, found.Id, tenant.TenantId);
        try
        {
            await blobs.DeleteAsync(BlobPath.Recording(tenant.TenantId, found.Id), cancel);
        }
        catch (IOException fault)
        {
            LogStoreAway(logger, fault.Message);
        }
        return TypedResults.NoContent();
    }

    private static async Task<Recording?> FindAsync(string recording, Caller caller, PbxDbContext db, CancellationToken cancel) =>
        RecordingId.TryParse(recording, null, out RecordingId id) ? await Own(db, caller).SingleOrDefaultAsync(r => r.Id == id, cancel) : null;

    /// <summary>A user's own only: of calls that the extension made, got or took over. Everybody above hears them all.</summary>
    private static IQueryable<Recording> Own(PbxDbContext db, Caller caller) => caller.OwnNumber is { } own
        ? db.Recordings.AsNoTracking().Where(r => r.CallerNumber == own || r.CalledNumber == own || db.CallRecords.Any(c => c.Id == r.CallId && c.AnsweredBy == own))
        : db.Recordings.AsNoTracking();

    private static ProblemHttpResult Missing() => Answers.NotFound("This tenant has no such recording.");

    private static ProblemHttpResult Unreadable(string detail) => TypedResults.Problem(
        statusCode: StatusCodes.Status500InternalServerError, type: ProblemTypes.Unreadable, title: "The recording cannot be opened.", detail: detail);

    [LoggerMessage(LogLevel.Information, "Recording {RecordingId} of tenant {TenantId} was opened for {Subject}")]
    private static partial void LogOpened(ILogger logger, RecordingId recordingId, TenantId tenantId, string subject);

    [LoggerMessage(LogLevel.Information, "Recording {RecordingId} of tenant {TenantId} was deleted")]
    private static partial void LogDeleted(ILogger logger, RecordingId recordingId, TenantId tenantId);

    [LoggerMessage(LogLevel.Warning, "The object store is away: {Reason}")]
    private static partial void LogStoreAway(ILogger logger, string reason);
}
