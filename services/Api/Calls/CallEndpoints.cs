using System.Text;
using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.CallRecords;
using CloudPbx.Grains;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Calls;

/// <summary>Call records, newest first, and the calls of this moment.</summary>
internal static class CallEndpoints
{
    public static void MapCalls(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/calls").WithTags("Calls");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListCalls").WithSummary("Lists call records, newest first.").WithMetadata([.. CallQuery.Parameters, .. QueryParameter.Page]);
        group.MapGet("/export", Export).For(UserRole.User).WithName("ExportCalls").WithSummary("The call records in CSV, newest first, however many.").WithMetadata([.. CallQuery.Parameters])
            .Produces<string>(200, "text/csv").ProducesProblem(StatusCodes.Status400BadRequest);
        group.MapGet("/hours", HoursAsync).For(UserRole.User).WithName("CountCalls").WithSummary("How many calls began in each hour from an instant on, the last 24 hours unless from and to say otherwise, and how the newest of them sounded.")
            .WithMetadata([.. CallQuery.Parameters]);
        group.MapGet("/{call}", GetAsync).For(UserRole.User).WithName("GetCall");
        group.MapGet("/{call}/ladder", LadderAsync).For(UserRole.User).WithName("GetCallLadder")
            .WithSummary("The SIP messages of the call's legs, redacted: why did this call fail? Addresses of phones and carriers are for administrators.");
        group.MapGet("/live", LiveAsync).WithName("ListLiveCalls");
        group.MapLiveCalls();
        group.MapDelete("/live/{call}", HangUpAsync).WithName("HangUpCall");
        group.MapPost("/live/{call}/transfer", TransferAsync).WithName("TransferCall").Takes<NewTransfer>()
            .WithSummary("Calls another party and puts it into the place of one when it answers; until then, and when it does not, the call goes on as it was.");
    }

    internal static async Task<Results<Ok<Page<CallRecordDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        CallQuery query = CallQuery.Read(request.Query, errors);
        CallCursor? after = null;
        if (page.After is { } text && !CallCursor.TryParse(text, query.IsByTime, out after))
            errors.Add("after", "Must be the value of next from the page before.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        // One connection for both queries; the scope closes it.
        if (query.IsByValue || caller.OwnNumber is not null)
            await db.PlanForValuesAsync(cancel);
        else
            await db.Database.OpenConnectionAsync(cancel);
        IQueryable<CallRecord> found = query.Filter(Own(db.CallRecords.AsNoTracking(), caller));
        List<CallRecord> records = await CallCursor.Order(after?.Skip(found) ?? found, query.IsByTime).Take(page.Limit + 1).ToListAsync(cancel);
        string? next = records.Count > page.Limit ? CallCursor.Of(records[page.Limit - 1], query.IsByTime).ToString() : null;
        List<CallId> shown = [.. records.Take(page.Limit).Select(r => r.Id)];
        ILookup<CallId, RecordingId> recordings = (await db.Recordings.Where(r => shown.Contains(r.CallId)).Select(r => new { r.CallId, r.Id }).ToListAsync(cancel)).ToLookup(r => r.CallId, r => r.Id);
        return TypedResults.Ok(new Page<CallRecordDto>([.. records.Take(page.Limit).Select(r => r.ToDto(recordings[r.Id], caller.OwnNumber is not null))], next));
    }

    internal static Results<PushStreamHttpResult, ProblemHttpResult> Export(HttpRequest request, Caller caller, PbxDbContext db)
    {
        RequestErrors errors = new();
        CallQuery query = CallQuery.Read(request.Query, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IQueryable<CallRecord> records = CallCursor.Order(query.Filter(Own(db.CallRecords.AsNoTracking(), caller)), query.IsByTime);
        return TypedResults.Stream(
            async stream =>
            {
                await using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));     // spreadsheets guess the encoding without it
                await writer.WriteLineAsync(CallRecordCsv.Heading);
                await foreach (CallRecord record in records.AsAsyncEnumerable().WithCancellation(request.HttpContext.RequestAborted))
                    await writer.WriteLineAsync(CallRecordCsv.Line(record.ToDto([], isForUser: true)));
            },
            "text/csv; charset=utf-8", "calls.csv");
    }

    internal static Task<Results<Ok<CallHoursDto>, ProblemHttpResult>> HoursAsync(HttpRequest request, Caller caller, PbxDbContext db, TimeProvider time, CancellationToken cancel) =>
        CallHoursEndpoint.AnswerAsync(Own(db.CallRecords.AsNoTracking(), caller), request, time, cancel);

    internal static async Task<Results<Ok<CallRecordDto>, ProblemHttpResult>> GetAsync(string call, Caller caller, PbxDbContext db, CancellationToken cancel) =>
        CallId.TryParse(call, out CallId id) && await Own(db.CallRecords.AsNoTracking(), caller).SingleOrDefaultAsync(r => r.Id == id, cancel) is { } record
            ? TypedResults.Ok(record.ToDto(await db.Recordings.Where(r => r.CallId == id).Select(r => r.Id).ToListAsync(cancel), caller.OwnNumber is not null))
            : Answers.NotFound("This tenant has no record of such a call.");

    internal static async Task<Results<Ok<CallLadderDto>, ProblemHttpResult>> LadderAsync(string call, Caller caller, PbxDbContext db, CancellationToken cancel)
    {
        if (!CallId.TryParse(call, out CallId id) || await Own(db.CallRecords.AsNoTracking(), caller).SingleOrDefaultAsync(r => r.Id == id, cancel) is not { } record)
            return Answers.NotFound("This tenant has no record of such a call.");
        CallLadder? kept = await db.CallLadders.AsNoTracking().SingleOrDefaultAsync(l => l.Id == id, cancel);
        return TypedResults.Ok(record.ToLadderDto(kept?.Ladder, isForUser: caller.OwnNumber is not null));
    }

    internal static async Task<Results<Ok<Page<LiveCallDto>>, ProblemHttpResult>> LiveAsync(TenantContext tenant, ITenantDoor door, CancellationToken cancel) =>
        await door.CallsAsync(tenant.TenantId, cancel) is { } calls
            ? TypedResults.Ok(new Page<LiveCallDto>([.. calls.OrderBy(c => c.StartedAt).Select(c => c.ToDto())], null))
            : Answers.LiveStateAway("The tenant's worker does not answer. Try again in a few seconds.");

    internal static async Task<Results<NoContent, ProblemHttpResult>> HangUpAsync(string call, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        if (!CallId.TryParse(call, out CallId id))
            return Answers.NotFound("This tenant has no such call.");
        return await door.HangUpAsync(tenant.TenantId, id, cancel) switch
        {
            true => TypedResults.NoContent(),
            false => Answers.NotFound("This tenant has no such call."),
            null => Answers.LiveStateAway("The tenant's worker does not answer. Try again in a few seconds."),
        };
    }

    internal static async Task<Results<Accepted, ProblemHttpResult>> TransferAsync(string call, JsonBody body, TenantContext tenant, ITenantDoor door, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        string number = reader.Required("number", Rules.Dialled);
        CallParty? leaving = reader.OptionalEnum<CallParty>("leaving");
        if (leaving is CallParty.System)
            reader.Fault("leaving", "Must be \"caller\" or \"callee\".");
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (!CallId.TryParse(call, out CallId id))
            return Answers.NotFound("This tenant has no such call.");
        return await door.TransferAsync(tenant.TenantId, id, leaving, number, cancel) switch
        {
            TransferAnswer.Begun => TypedResults.Accepted((string?)null),
            TransferAnswer.NoCall => Answers.NotFound("This tenant has no such call."),
            TransferAnswer.NotTalking => Answers.CallState("Nobody talks in this call yet, or only one party does."),
            TransferAnswer.UnderWay => Answers.CallState("This call is being transferred already."),
            TransferAnswer.OutsideParty => Answers.CallState("That party is outside and has no rights here to call by. Let the other one make place."),
            TransferAnswer.Refused => Answers.CallState("That number leads nowhere, or the party that makes place may not call it. The dry run says why."),
            _ => Answers.LiveStateAway("The tenant's worker does not answer. Try again in a few seconds."),
        };
    }

    /// <summary>A user's own calls only; everybody above sees them all.</summary>
    private static IQueryable<CallRecord> Own(IQueryable<CallRecord> records, Caller caller) => caller.OwnNumber is { } own
        ? records.Where(r => r.CallerNumber == own || r.CalledNumber == own || r.AnsweredBy == own)
        : records;
}
