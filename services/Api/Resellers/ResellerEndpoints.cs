using CloudPbx.Api.Access;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Tenants;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Data;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPbx.Api.Resellers;

/// <summary>Resellers: the operator's to make; each sees and brands itself.</summary>
internal static class ResellerEndpoints
{
    public static RouteGroupBuilder MapResellers(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/resellers").WithTags("Resellers");
        group.MapGet("/", ListAsync).For(UserRole.Reseller).WithName("ListResellers").WithMetadata([.. QueryParameter.Page]);
        group.MapPost("/", CreateAsync).WithName("CreateReseller").Takes<NewReseller>();
        RouteGroupBuilder one = group.MapGroup("/{reseller}").For(UserRole.Reseller).AddEndpointFilter<ResellerFilter>();
        one.MapGet("/", Get).WithName("GetReseller");
        one.MapPut("/", ChangeAsync).WithName("ChangeReseller").Takes<NewReseller>();
        one.MapDelete("/", DeleteAsync).For(UserRole.Operator).WithName("DeleteReseller");
        one.MapGet("/usage", UsageAsync).WithName("GetResellerUsage").WithSummary("What its tenants used in a month.").WithMetadata(TenantUsage.Month);
        return one;
    }

    internal static async Task<Results<Ok<Page<ResellerDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, Caller caller, ResellerStore resellers, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IReadOnlyList<GlobalReseller> found = await resellers.ListAsync(caller.ResellerId, page.After, page.Limit + 1, cancel);
        return TypedResults.Ok(new Page<ResellerDto>([.. found.Take(page.Limit).Select(ToDto)], found.Count > page.Limit ? found[page.Limit - 1].Name : null));
    }

    internal static async Task<Results<CreatedAtRoute<ResellerDto>, ProblemHttpResult>> CreateAsync(HttpContext http, JsonBody body, ResellerStore resellers, BrandingHosts hosts, TimeProvider time, CancellationToken cancel)
    {
        (NewReseller wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        GlobalReseller reseller = new() { Id = ResellerId.New(), Name = wish.Name, DisplayName = wish.DisplayName ?? wish.Name, CreatedAt = time.GetUtcNow().UtcDateTime };
        reseller.Branding = (wish.Branding ?? new()).ToBranding();
        if (await hosts.RefuseAsync(reseller.Branding, reseller.Id.Value, "$.branding.host", cancel) is { } taken)
            return taken;
        SaveOutcome outcome = await resellers.SaveAsync(reseller, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NameTaken() : Answers.Refused(outcome);
        hosts.Saved();
        EntityTags.Write(http, reseller);
        return TypedResults.CreatedAtRoute(reseller.ToDto(), "GetReseller", new { reseller = reseller.Id.ToString() });
    }

    internal static Ok<ResellerDto> Get(HttpContext http, ResellerOfRequest reseller)
    {
        EntityTags.Write(http, reseller.Row);
        return TypedResults.Ok(reseller.Row.ToDto());
    }

    internal static async Task<Results<Ok<ResellerDto>, ProblemHttpResult>> ChangeAsync(
        HttpContext http, JsonBody body, Caller caller, ResellerOfRequest reseller, ResellerStore resellers, BrandingHosts hosts, CancellationToken cancel)
    {
        (NewReseller wish, RequestErrors errors) = Read(body);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        GlobalReseller row = reseller.Row;
        if (!EntityTags.Allow(http, row))
            return Answers.ChangedSinceRead();
        if (caller.Role != UserRole.Operator && wish.Name != row.Name)
            return Answers.Forbidden("Only the operator renames a reseller. Leave the name as it is.");
        row.Name = wish.Name;
        row.DisplayName = wish.DisplayName ?? wish.Name;
        row.Branding = (wish.Branding ?? new()).ToBranding();
        if (await hosts.RefuseAsync(row.Branding, row.Id.Value, "$.branding.host", cancel) is { } taken)
            return taken;
        SaveOutcome outcome = await resellers.SaveAsync(row, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NameTaken() : Answers.Refused(outcome);
        hosts.Saved();
        EntityTags.Write(http, row);
        return TypedResults.Ok(row.ToDto());
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(HttpContext http, ResellerOfRequest reseller, ResellerStore resellers, CancellationToken cancel)
    {
        if (!EntityTags.Allow(http, reseller.Row))
            return Answers.ChangedSinceRead();
        return await resellers.RemoveAsync(reseller.Row.Id, cancel) == SaveOutcome.MissingReference
            ? Answers.InUse("It has tenants or shared trunks. Delete them first.")
            : TypedResults.NoContent();
    }

    internal static async Task<Results<Ok<Page<UsageDto>>, ProblemHttpResult>> UsageAsync(
        HttpRequest request, ResellerOfRequest reseller, ResellerStore resellers, IPbxDatabase database, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        DateTime month = TenantUsage.ReadMonth(request, time, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        List<UsageDto> usage = [];
        foreach (Tenant tenant in await resellers.TenantsOfAsync(reseller.Row.Id, cancel))
        {
            await using PbxDbContext db = database.OpenTenant(tenant.Id);
            usage.Add(await TenantUsage.ReadAsync(db, tenant, month, cancel));
        }
        return TypedResults.Ok(new Page<UsageDto>(usage, null));
    }

    private static ResellerDto ToDto(this GlobalReseller reseller) =>
        new() { Id = reseller.Id, Name = reseller.Name, DisplayName = reseller.DisplayName, Branding = reseller.Branding.ToDto(), CreatedAt = reseller.CreatedAt };

    private static (NewReseller Wish, RequestErrors Errors) Read(JsonBody body)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        NewReseller wish = new() { Name = reader.Required("name", Rules.TenantName), DisplayName = reader.Optional("displayName", Rules.DisplayName), Branding = Branding(reader) };
        reader.Finish();
        return (wish, errors);
    }

    private static BrandingDto? Branding(ObjectReader reader)
    {
        if (reader.Object("branding") is not { } branding)
            return null;
        BrandingDto read = branding.ReadBranding();
        branding.Finish();
        return read;
    }

    private static ProblemHttpResult NameTaken() => Answers.Taken("$.name", "Another reseller has this name: choose another.");
}
