using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Api;
using CloudPbx.Data;
using CloudPbx.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Audit;

/// <summary>Who changed what of a tenant, the newest first.</summary>
internal static class AuditEndpoints
{
    public static void MapAudit(this RouteGroupBuilder tenant) =>
        tenant.MapGet("/audit", ListAsync).WithName("ListAudit").WithTags("Audit").WithSummary("Lists who changed what, the newest first.").WithMetadata([.. QueryParameter.Page]);

    internal static async Task<Results<Ok<Page<AuditEntryDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, PbxDbContext db, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        Guid before = Guid.AllBitsSet;
        if (page.After is not null && !Guid.TryParse(page.After, out before))
            errors.Add("after", "Must be the value of next from the page before.");
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        List<AuditEntry> found = await db.AuditEntries.AsNoTracking().Where(a => a.Id.CompareTo(before) < 0).OrderByDescending(a => a.Id).Take(page.Limit + 1).ToListAsync(cancel);
        return TypedResults.Ok(new Page<AuditEntryDto>(
            [.. found.Take(page.Limit).Select(a => new AuditEntryDto
            {
                Id = a.Id, At = a.At, Actor = a.Actor, ActorName = StrangersText.WithoutControls(a.ActorName)!, Action = a.Action, Target = StrangersText.WithoutControls(a.Target)!, Status = a.Status, Address = a.Address,
            })],
            found.Count > page.Limit ? found[page.Limit - 1].Id.ToString() : null));
    }
}
