using CloudPbx.Api.Access;
using CloudPbx.Api.Audit;
using CloudPbx.Api.Bodies;
using CloudPbx.Api.Prompts;
using CloudPbx.Api.Refresh;
using CloudPbx.Blobs.Storage;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Keys;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Tenants;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Tenants;

/// <summary>Tenants: listed and created by the operator, read, changed and deleted under their own path.</summary>
internal static partial class TenantEndpoints
{
    public static void MapTenants(this RouteGroupBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/tenants").WithTags("Tenants");
        group.MapGet("/", ListAsync).For(UserRole.User).WithName("ListTenants").WithSummary("Lists the tenants that the caller may see, by name.").WithMetadata([.. QueryParameter.Page]);
        group.MapPost("/", CreateAsync).For(UserRole.Reseller).WithName("CreateTenant").WithMetadata(InPlatformsAudit.Mark).Takes<NewTenant>();
    }

    public static void MapTenant(this RouteGroupBuilder tenant)
    {
        RouteGroupBuilder group = tenant.MapGroup("").WithTags("Tenants");
        group.MapGet("/", GetAsync).For(UserRole.User).WithName("GetTenant");
        group.MapPut("/", ChangeAsync).WithName("ChangeTenant").Takes<NewTenant>();
        group.MapDelete("/", DeleteAsync).For(UserRole.Reseller).WithName("DeleteTenant").WithMetadata(InPlatformsAudit.Mark);
    }

    internal static async Task<Results<Ok<Page<TenantDto>>, ProblemHttpResult>> ListAsync(HttpRequest request, Caller caller, TenantLookup tenants, CancellationToken cancel)
    {
        RequestErrors errors = new();
        PageQuery page = PageQuery.Read(request, errors);
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        IReadOnlyList<Tenant> found = await tenants.ListAsync(caller.ResellerId, caller.TenantId, page.After, page.Limit + 1, cancel);
        return TypedResults.Ok(new Page<TenantDto>([.. found.Take(page.Limit).Select(t => t.ToDto())], found.Count > page.Limit ? found[page.Limit - 1].Name : null));
    }

    internal static async Task<Results<CreatedAtRoute<TenantDto>, ProblemHttpResult>> CreateAsync(
        JsonBody body, Caller caller, TenantContext context, PbxDbContext db, PlatformSettingsStore platform, TenantKeyring keyring, ConfigurationAnnouncer announcer, TimeProvider time,
        CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        PlatformSettings settings = await platform.GetAsync(cancel);
        NewTenant wish = reader.ReadTenant(settings);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        if (wish.IsDefault == true && caller.Role != UserRole.Operator)
            return Answers.Forbidden("Only the operator says which tenant is the default. Leave isDefault out.");
        if (wish.HoldMusicPrompt is not null || wish.RecordingNoticePrompt is not null)
            return UnknownPrompt(wish.HoldMusicPrompt is not null, wish.RecordingNoticePrompt is not null);
        context.Enter(TenantId.New());
        (Tenant tenant, _) = db.AddTenant(keyring, wish.Name, Rules.DefaultLanguage, time.GetUtcNow().UtcDateTime, settings.EmergencyNumbers);
        tenant.Apply(wish, settings);
        tenant.ResellerId = caller.ResellerId;
        if (await db.TrySaveAsync(cancel) != SaveOutcome.Saved)
            return NameOrDefaultTaken(wish);
        await announcer.ChangedAsync(tenant.Id, tenant.ConfigVersion);
        return TypedResults.CreatedAtRoute(tenant.ToDto(), "GetTenant", new { tenant = tenant.Id.ToString() });
    }

    internal static async Task<Results<Ok<TenantDto>, ProblemHttpResult>> GetAsync(HttpContext http, PbxDbContext db, CancellationToken cancel)
    {
        if (await db.Tenants.AsNoTracking().SingleOrDefaultAsync(cancel) is not { } tenant)
            return Gone();
        EntityTags.Write(http, tenant);
        return TypedResults.Ok(tenant.ToDto());
    }

    internal static async Task<Results<Ok<TenantDto>, ProblemHttpResult>> ChangeAsync(
        HttpContext http, JsonBody body, Caller caller, PbxDbContext db, PlatformSettingsStore platform, ConfigurationAnnouncer announcer, TimeProvider time, CancellationToken cancel)
    {
        RequestErrors errors = new();
        ObjectReader reader = body.Read(errors);
        PlatformSettings settings = await platform.GetAsync(cancel);
        NewTenant wish = reader.ReadTenant(settings);
        reader.Finish();
        if (errors.Any)
            return Answers.Invalid(errors.ToDictionary());
        await using ConfigurationChange? change = await db.BeginConfigurationChangeAsync(cancel);
        if (change is null)
            return Gone();
        Tenant tenant = await db.Tenants.SingleAsync(cancel);
        if (!EntityTags.Allow(http, tenant))
            return Answers.ChangedSinceRead();
        if (caller.Role != UserRole.Operator && (wish.IsDefault ?? false) != tenant.IsDefault)
            return Answers.Forbidden("Only the operator says which tenant is the default. Leave isDefault as it is.");
        if (caller.Role > UserRole.Reseller && wish.Name != tenant.Name)
            return Answers.Forbidden("Only the reseller or the operator renames a tenant. Leave the name as it is.");
        bool noMusic = !await PromptUses.HasAsync(db, wish.HoldMusicPrompt, cancel), noNotice = !await PromptUses.HasAsync(db, wish.RecordingNoticePrompt, cancel);
        if (noMusic || noNotice)
            return UnknownPrompt(noMusic, noNotice);
        tenant.Apply(wish, settings);
        SaveOutcome outcome = await change.TrySaveAsync("tenant changed", time.GetUtcNow().UtcDateTime, cancel);
        if (outcome != SaveOutcome.Saved)
            return outcome == SaveOutcome.Duplicate ? NameOrDefaultTaken(wish) : Answers.Refused(outcome);
        await announcer.ChangedAsync(tenant.Id, change.Version);
        EntityTags.Write(http, tenant);
        return TypedResults.Ok(tenant.ToDto());
    }

    internal static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        TenantContext context, PbxDbContext db, ConfigurationAnnouncer announcer, IBlobStore blobs, ILoggerFactory loggers, CancellationToken cancel)
    {
        if (await db.Tenants.ExecuteDeleteAsync(cancel) == 0)                           // everything else goes with it, the key too: what is left in backups is shredded
            return Gone();
        await announcer.DeletedAsync(context.TenantId);
        try
        {
            await blobs.DeleteTenantAsync(context.TenantId, cancel);
        }
        catch (IOException fault)
        {
            LogObjectsLeft(loggers.CreateLogger("CloudPbx.Api.Tenants"), context.TenantId, fault.Message);
        }
        return TypedResults.NoContent();
    }

    [LoggerMessage(LogLevel.Warning, "Tenant {TenantId} was deleted, but its objects could not be: {Reason}. Its key is destroyed, nobody can read them; delete the folder or prefix of that name when the store is back.")]
    private static partial void LogObjectsLeft(ILogger logger, TenantId tenantId, string reason);

    private static ProblemHttpResult UnknownPrompt(bool music, bool notice)
    {
        RequestErrors errors = new();
        if (music)
            errors.Add("$.holdMusicPrompt", PromptUses.UnknownText);
        if (notice)
            errors.Add("$.recordingNoticePrompt", PromptUses.UnknownText);
        return Answers.Invalid(errors.ToDictionary());
    }

    private static ProblemHttpResult Gone() => Answers.NotFound("The tenant was deleted.");

    private static ProblemHttpResult NameOrDefaultTaken(NewTenant wish) => wish.IsDefault == true
        ? Answers.Taken("$.name", "Another tenant has this name, or another one is the default: only one can be. Choose another name, or leave isDefault out.")
        : Answers.Taken("$.name", "Another tenant has this name: choose another.");
}
