using System.Text.Json;
using CloudPbx.Api.Access;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Conferences;
using CloudPbx.Api.Refresh;
using CloudPbx.Api.Trunks;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using CloudPbx.Data.Trunks;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Documents;

/// <summary>A whole tenant as one document: <c>apply</c> and <c>export</c>.</summary>
internal static class DocumentEndpoints
{
    public static void MapDocuments(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/tenants/{tenant}/document").WithTags("Documents").For(UserRole.Administrator);
        group.MapGet("/", ExportAsync).WithName("ExportTenant").WithMetadata(AuditedReading.Mark).AddEndpointFilter<TenantFilter>()
            .WithSummary("Gives the whole tenant, passwords included: keep it as safe as the passwords.");
        group.MapPut("/", ApplyAsync).WithName("ApplyTenant").WithMetadata(InPlatformsAudit.Mark).Takes<TenantDocument>()
            .WithSummary("Makes the tenant what the document says; creates it where the path names none. What the document does not name is deleted.");
    }

    internal static async Task<Results<Ok<TenantDocument>, ProblemHttpResult>> ExportAsync(
        TenantContext tenant, HttpResponse response, ITenantConfigurationSource source, TenantLookup tenants, PbxDbContext db, CancellationToken cancel)
    {
        TenantLoad load = await source.LoadAsync(tenant.TenantId, cancel);
        if (!load.IsLoaded)
            return load.Outcome == TenantLoadOutcome.DatabaseAway ? Answers.DatabaseAway() : Answers.NotFound("The tenant was deleted.");
        response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(await CompleteAsync(load.Configuration, tenants, db, cancel));
    }

    /// <summary>The whole tenant as a document.</summary>
    internal static async Task<TenantDocument> CompleteAsync(TenantConfiguration configuration, TenantLookup tenants, PbxDbContext db, CancellationToken cancel)
    {
        bool isDefault = await tenants.FindDefaultAsync(cancel) == configuration.TenantId;
        int? recordingDays = await db.Tenants.Select(t => t.RecordingDays).SingleOrDefaultAsync(cancel);       // no call has a use for it: it is not in the configuration
        return ToDocument(configuration, isDefault) with { RecordingDays = recordingDays };
    }

    internal static async Task<Results<Ok<ApplyReport>, Created<ApplyReport>, ProblemHttpResult>> ApplyAsync(
        string tenant, JsonBody body, HttpResponse response, Caller caller, ITenantConfigurationSource source, TenantLookup tenants, DocumentApplier applier, GlobalTrunkStore platform,
        ConfigurationAnnouncer announcer, CancellationToken cancel)
    {
        RequestErrors errors = new();
        TenantOwner? owner = await tenants.FindOwnerAsync(tenant, cancel);
        if (owner is null ? caller.Role > UserRole.Reseller : !caller.Sees(owner))
            return Answers.NoTenant();
        TenantId? existing = owner?.Id;
        TenantDocument document = DocumentReader.Read(body, existing is { } known ? await platform.NamesOfAsync(known, cancel) : new HashSet<string>(), errors);
        bool byId = TenantId.TryParse(tenant, out _);
        if (existing is null && byId)
            return Answers.NotFound("There is no tenant of this identifier. To create one, put its document under its name.");
        if (!byId && document.Name.Length > 0 && !string.Equals(document.Name, tenant, StringComparison.Ordinal))
            errors.Add("$.name", $"Must be \"{tenant}\", as in the path. To rename a tenant, put the document under its identifier.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (caller.Role != UserRole.Operator && await FindReservedAsync(caller, existing, document, source, tenants, cancel) is { } reserved)
            return Answers.Forbidden(reserved);
        (ApplyReport? report, ApplyRefusal refusal) = await applier.ApplyAsync(existing, document, errors, caller.ResellerId, cancel);
        if (report is null)
            return refusal switch
            {
                ApplyRefusal.Taken => Answers.Taken(errors.ToDictionary()),
                ApplyRefusal.Invalid => Answers.Invalid(errors.ToDictionary()),
                _ => Answers.Conflict(),
            };
        if (report.Changed)
            await announcer.ChangedAsync(report.Id, report.ConfigVersion);
        response.Headers.CacheControl = "no-store";
        return report.Created ? TypedResults.Created($"/v1/tenants/{report.Id}", report) : TypedResults.Ok(report);
    }

    /// <summary>What of a document is not for the caller to change: the default tenant for operators alone; name, domains, limits and the rates that money is counted by for resellers and operators.</summary>
    private static async Task<string?> FindReservedAsync(
        Caller caller, TenantId? existing, TenantDocument document, ITenantConfigurationSource source, TenantLookup tenants, CancellationToken cancel)
    {
        if ((document.IsDefault ?? false) != (existing is not null && await tenants.FindDefaultAsync(cancel) == existing))
            return "Only the operator says which tenant is the default. Leave isDefault as it is.";
        if (caller.Role == UserRole.Reseller || existing is not { } tenant)
            return null;
        TenantLoad load = await source.LoadAsync(tenant, cancel);
        if (!load.IsLoaded)
            return "The tenant cannot be read now. Try again in a few seconds.";
        TenantConfiguration present = load.Configuration;
        return document.Name != present.Name || !document.Domains.SequenceEqual(present.Domains, StringComparer.Ordinal) || Text(document.Limits ?? new()) != Text(present.Outside.Limits)
            || !document.Rates.SequenceEqual(present.Outside.Rates)
            ? "Name, domains, limits and rates are the reseller's and the operator's to change. Leave them as an export gives them."
            : null;

        static string Text(CallLimits limits) => JsonSerializer.Serialize(limits);       // a record with a list in it does not compare by value
    }

    private static TenantDocument ToDocument(TenantConfiguration tenant, bool isDefault) => new()
    {
        Name = tenant.Name,
        Language = tenant.Language,
        RingSeconds = (int)tenant.RingTimeout.TotalSeconds,
        HoldMusic = tenant.HoldMusic ? null : false,
        Announcements = tenant.Announcements ? true : null,
        AllowSupervision = tenant.AllowsSupervision ? true : null,
        RecordingNotice = tenant.RecordingNotice == RecordingNotice.None ? null : tenant.RecordingNotice,
        HoldMusicPrompt = tenant.HoldMusicPrompt,
        RecordingNoticePrompt = tenant.RecordingNoticePrompt,
        IsDefault = isDefault ? true : null,
        Domains = tenant.Domains,
        Extensions =
        [
            .. tenant.Extensions.Values.OrderBy(e => e.Number, StringComparer.Ordinal).Select(e => new ExtensionDocument
            {
                Number = e.Number,
                DisplayName = e.DisplayName,
                RingSeconds = e.OwnRingSeconds,
                Recording = e.Recording == RecordingPolicy.Off ? null : e.Recording,
                Forwards = e.Forwards == CallForwards.None ? null : e.Forwards,
                Codecs = e.Codecs,
                Encryption = e.Encryption,
                RecordingNotice = e.RecordingNotice,
                Limits = e.Limits == ExtensionLimits.None ? null : e.Limits,
                Devices = [.. e.Devices.Where(d => d.ExpiresAt is null).OrderBy(d => d.AuthUser, StringComparer.Ordinal).Select(ToDocument)],
            }),
        ],
        Conferences = [.. tenant.Conferences.Values.OrderBy(c => c.Number, StringComparer.Ordinal).Select(c => c.ToDocument())],
        Profiles = TrunkExport.Profiles(tenant),
        Trunks = TrunkExport.Trunks(tenant),
        Numbers = TrunkExport.Numbers(tenant),
        Routes = TrunkExport.Routes(tenant),
        Outside = tenant.Outside.ToDocument(),
        Limits = tenant.Outside.Limits,
        Rates = tenant.Outside.Rates,
    };

    private static DeviceDocument ToDocument(ConfiguredDevice device) => new()
    {
        Name = device.Name,
        AuthUser = device.AuthUser,
        Secret = device.Secret.TryOpen(out string? secret) ? secret : null,
        Encryption = device.OwnEncryption,
        DigestSha256 = device.DigestSha256 ? true : null,
    };
}
