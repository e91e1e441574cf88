using System.Text;
using System.Text.Json;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Extensions;

/// <summary>Many extensions at once, in and out.</summary>
internal static class ExtensionBulkEndpoints
{
    public const int MostRows = 10_000;

    public static void MapExtensionBulk(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("/extensions").WithTags("Extensions");
        group.MapPost("/bulk", ApplyAsync).WithName("CreateExtensions").Accepts<ExtensionBulk>("application/json", "text/csv", BodyDescriptions.AnyType)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Creates extensions with their phones. Each row is done as a whole or refused with its errors; the answer has the passwords that were made, this once.")
            .WithMetadata(new QueryParameter("dryRun", "true: says what would be done and does nothing."), new QueryParameter("existing", "refuse, or change: what becomes of a row whose extension exists."));
        group.MapGet("/export", Export).WithName("ExportExtensions").WithSummary("All extensions and phones in CSV, as bulk takes them; without passwords.").Produces<string>(200, "text/csv");
    }

    internal static async Task<Results<Ok<BulkReport>, ProblemHttpResult>> ApplyAsync(
        HttpContext http, BulkBody body, TenantContext tenant, PbxDbContext db, ExtensionBulkApplier applier, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        bool dryRun = QueryParameter.Choice(http.Request, "dryRun", "false", "true", errors), mayChange = QueryParameter.Choice(http.Request, "existing", "refuse", "change", errors);
        IReadOnlyList<(int Row, JsonElement Element)> rows = body.Read("extensions", ExtensionCsv.Columns, ExtensionCsv.ToElement, MostRows, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Answers.NotFound("The tenant was deleted.");
        BulkReport report = await applier.ApplyAsync(rows, body.IsCsv, mayChange, dryRun, cancel);
        if (dryRun || report.Created + report.Changed == 0)
        {
            http.Features.Set(new NothingDone());
        }
        else
        {
            SaveOutcome outcome = await change.TrySaveAsync($"{report.Created} extensions created, {report.Changed} changed", time.GetUtcNow().UtcDateTime, cancel);
            if (outcome != SaveOutcome.Saved)
                return Answers.Refused(outcome);
            await announcer.ChangedAsync(tenant.TenantId, change.Version);
        }
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(report);
    }

    internal static PushStreamHttpResult Export(PbxDbContext db) => TypedResults.Stream(
        async stream =>
        {
            await using StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true));        // spreadsheets guess the encoding without it
            await writer.WriteLineAsync(ExtensionCsv.Heading);
            var rows = db.Extensions.AsNoTracking().OrderBy(e => e.Number)
                .GroupJoin(db.Devices.Where(d => d.ExpiresAt == null), e => e.Id, d => d.ExtensionId, (e, devices) => new { Extension = e, Devices = devices })
                .SelectMany(row => row.Devices.DefaultIfEmpty(), (row, device) => new { row.Extension, Device = device })
                .OrderBy(row => row.Extension.Number).ThenBy(row => row.Device!.AuthUser);
            await foreach (var row in rows.AsAsyncEnumerable())
                await writer.WriteLineAsync(ExtensionCsv.Line(row.Extension, row.Device));
        },
        "text/csv; charset=utf-8", "extensions.csv");
}
