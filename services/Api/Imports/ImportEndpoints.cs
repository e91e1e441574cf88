using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Api.Access;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Documents;
using CloudPbx.Api.Plans;
using CloudPbx.Api.Refresh;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Imports;

/// <summary>What other products had, taken over into a tenant.</summary>
internal static class ImportEndpoints
{
    /// <summary>Each round leaves out what the one before found wrong; who has more wrong rows than that hears of the rest as of a document's errors.</summary>
    private const int MostRounds = 20;

    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static void MapImports(this RouteGroupBuilder tenant) => tenant.MapPost("/import", ImportAsync).WithName("ImportTenant").WithTags("Documents").Takes<NewImport>()
        .WithSummary("Takes over a miniSIPServer's local users, external lines and dial plan from CSV. What the tenant has stays as it is; a row that cannot be taken is left out and says why.")
        .WithMetadata(new QueryParameter("dryRun", "true: says what would be done and does nothing."));

    internal static async Task<Results<Ok<ImportReport>, ProblemHttpResult>> ImportAsync(
        HttpContext http, JsonBody body, TenantContext tenant, Caller caller, ITenantConfigurationSource source, TenantLookup tenants, PbxDbContext db, DocumentApplier applier, GlobalTrunkStore platform,
        ConfigurationAnnouncer announcer, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewImport wish = new() { Users = reader.Optional("users", Anything), Lines = reader.Optional("lines", Anything), DialPlan = reader.Optional("dialPlan", Anything) };
        reader.Finish();
        bool dryRun = QueryParameter.Choice(http.Request, "dryRun", "false", "true", errors);
        if (!errors.Any && wish is { Users: null, Lines: null, DialPlan: null })
            errors.Add("$", "Must have users, lines or dialPlan: a CSV text each.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        TenantLoad load = await source.LoadAsync(tenant.TenantId, cancel);
        if (!load.IsLoaded)
            return load.Outcome == TenantLoadOutcome.DatabaseAway ? Answers.DatabaseAway() : Answers.NotFound("The tenant was deleted.");
        TenantDocument present = await DocumentEndpoints.CompleteAsync(load.Configuration, tenants, db, cancel);
        (MiniSipServerImport import, TenantDocument document) = Merge(present, wish, await platform.NamesOfAsync(tenant.TenantId, cancel), errors, cancel);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        int taken = import.Report.Count(row => row.Taken);
        IReadOnlyList<GeneratedSecret> secrets = [];
        if (dryRun || taken == 0)
            http.Features.Set(new NothingDone());
        if (taken > 0 && dryRun)                                                          // what the import itself would be refused for
        {
            if (await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } row)
                return Answers.NotFound("The tenant was deleted.");
            foreach ((string path, string message) in PlanLimits.Find(row, document.Extensions.Count, document.Trunks.Count))
                errors.Add(path, message);
            if (errors.Any)
                return Answers.Invalid(errors.ToDictionary());
        }
        if (taken > 0 && !dryRun)
        {
            (ApplyReport? report, ApplyRefusal refusal) = await applier.ApplyAsync(tenant.TenantId, document, errors, caller.ResellerId, cancel, load.Configuration.Version);
            if (report is null)
                return refusal switch
                {
                    ApplyRefusal.Taken => Answers.Taken(errors.ToDictionary()),
                    ApplyRefusal.Invalid => Answers.Invalid(errors.ToDictionary()),
                    _ => Answers.Conflict(),
                };
            if (report.Changed)
                await announcer.ChangedAsync(report.Id, report.ConfigVersion);
            secrets = report.GeneratedSecrets;
        }
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new ImportReport { DryRun = dryRun, Taken = taken, LeftOut = import.Report.Count - taken, Rows = import.Report, Secrets = secrets });
    }

    /// <summary>Adds the rows to what the tenant has. The whole is checked as every document is; a row whose part is found wrong is left out with what was said of it.</summary>
    private static (MiniSipServerImport Import, TenantDocument Document) Merge(TenantDocument present, NewImport wish, IReadOnlySet<string> platformTrunks, RequestErrors errors, CancellationToken cancel)
    {
        Dictionary<(ImportedFile, int), string> refused = [];
        for (int round = 1; ; round++)
        {
            cancel.ThrowIfCancellationRequested();
            MiniSipServerImport import = new(present, refused);
            Add("$.users", wish.Users, import.AddUsers);
            Add("$.lines", wish.Lines, import.AddLines);
            Add("$.dialPlan", wish.DialPlan, import.AddDialPlan);
            if (errors.Any)
                return (import, present);
            import.AddRouteForEveryNumber();
            RequestErrors found = new();
            TenantDocument document = DocumentReader.Read(JsonBody.Of(JsonSerializer.SerializeToElement(import.Document, s_json)), platformTrunks, found);
            bool isNews = false;
            foreach ((string path, string[] sentences) in found.ToDictionary())
                isNews |= import.RowOf(path) is { } row && refused.TryAdd(row, sentences[0]);
            if (isNews && round < MostRounds)
                continue;
            foreach ((string path, string[] sentences) in found.ToDictionary())
                errors.Add(path, sentences[0]);
            return (import, document);
        }

        void Add(string place, string? text, Func<string, string?> add)
        {
            if (text is not null && add(text) is { } fault)
                errors.Add(place, fault);
        }
    }

    private static string? Anything(string text) => null;
}
