using CloudPbx.Api.Bodies;
using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Audit;

/// <summary>Who changed what of a tenant, a reseller, the platform, the newest first.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/audit", ListAsync).WithName("ListAudit").WithTags("Audit").WithSummary("Lists who changed what, the newest first.").WithMetadata([.. QueryParameter.Page]);

    public static void MapResellerAudit(this RouteGroupBuilder reseller) => reseller.MapGet("/audit", ListResellerAsync).WithName("ListResellerAudit").WithTags("Audit")
        .WithSummary("Lists who changed what of the reseller, and which tenants it made and deleted, the newest first.").WithMetadata([.. QueryParameter.Page]);

    public static void MapPlatformAudit(this RouteGroupBuilder platform) => platform.MapGet("/audit", ListPlatformAsync).WithName("ListPlatformAudit").WithTags("Audit")
        .WithSummary("Lists who changed what of the platform and its resellers, and who made and deleted tenants, the newest first.").WithMetadata([.. QueryParameter.Page]);

    internal static Task<Results<Ok<Page<AuditEntryDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel) => PageAsync(
        request,
        async (before, limit) =>
        {
            List<AuditEntry> found = await db.AuditEntries.AsNoTracking().Where(a => a.Id.CompareTo(before) < 0).OrderByDescending(a => a.Id).Take(limit).ToListAsync(cancel);
            return [.. found.Select(a => ToDto(a.Id, a.At, a.Actor, a.ActorName, a.Action, a.Target, a.Status, a.Address))];
        });

    internal static Task<Results<Ok<Page<AuditEntryDto>>, ProblemHttpResult>> ListResellerAsync(HttpRequest request, ResellerOfRequest reseller, GlobalAuditStore log, CancellationToken cancel) =>
        PageAsync(request, log, reseller.Row.Id, cancel);

    internal static Task<Results<Ok<Page<AuditEntryDto>>, ProblemHttpResult>> ListPlatformAsync(HttpRequest request, GlobalAuditStore log, CancellationToken cancel) => PageAsync(request, log, null, cancel);

    private static Task<Results<Ok<Page<AuditEntryDto>>, ProblemHttpResult>> PageAsync(HttpRequest request, GlobalAuditStore log, ResellerId? reseller, CancellationToken cancel) => PageAsync(
        request, async (before, limit) => [.. (await log.ListAsync(reseller, before, limit, cancel)).Select(a => ToDto(a.Id, a.At, a.Actor, a.ActorName, a.Action, a.Target, a.Status, a.Address))]);

    private static async Task<Results<Ok<Page<AuditEntryDto>>, ProblemHttpResult>> PageAsync(HttpRequest request, Func<Guid, int, Task<IReadOnlyList<AuditEntryDto>>> read)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        Guid before = Guid.AllBitsSet;
        if (page.After is not null && !Guid.TryParse(page.After, out before))
            errors.Add("after", "Must be the value of next from the page before.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IReadOnlyList<AuditEntryDto> found = await read(before, page.Limit + 1);
        return TypedResults.Ok(new Page<AuditEntryDto>([.. found.Take(page.Limit)], found.Count > page.Limit ? found[page.Limit - 1].Id.ToString() : null));
    }

    private static AuditEntryDto ToDto(Guid id, DateTime at, string actor, string name, string action, string target, int status, string? address) => new()
    {
        Id = id, At = at, Actor = StrangersText.WithoutControls(actor)!, ActorName = StrangersText.WithoutControls(name)!, Action = action, Target = StrangersText.WithoutControls(target)!, Status = status, Address = address,
    };
}
