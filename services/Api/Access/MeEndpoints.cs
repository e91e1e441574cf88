using CloudPbx.Api.Resellers;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Platform;
using CloudPbx.Data.Resellers;
using CloudPbx.Data.Users;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Access;

/// <summary>Who the token's holder is, as the API sees it.</summary>
internal static class MeEndpoints
{
    public static void MapMe(this RouteGroupBuilder api)
    {
        RouteGroupBuilder me = api.MapGroup("/me").WithTags("Me").For(UserRole.User);
        me.MapGet("/", GetAsync).WithName("GetMe").WithSummary("Says who the token's holder is and what they may do.");
        me.MapGet("/passkeys", PasskeysAsync).WithName("ListMyPasskeys").WithSummary("The passkeys of the person whose token it is. They are added and removed on the page /account/passkeys.");
        me.MapGet("/branding", BrandingAsync).WithName("GetMyBranding").WithSummary("How pages look for whoever asks: as their tenant says, else as its reseller does. Empty: as the product does.");
        me.MapMySessions();
    }

    internal static async Task<Ok<MeDto>> GetAsync(Caller caller, IPbxDatabase database, UserDirectory users, PlatformSettingsStore platform, CancellationToken cancel)
    {
        (string? tenantName, string? number) = (null, null);
        if (caller.TenantId is { } tenant)
        {
            await using PbxDbContext db = database.OpenTenant(tenant);
            tenantName = await db.Tenants.Select(t => t.Name).SingleOrDefaultAsync(cancel);
            if (caller.ExtensionId is { } extension)
                number = await db.Extensions.Where(e => e.Id == extension).Select(e => e.Number).SingleOrDefaultAsync(cancel);
        }
        GlobalUser? person = caller.UserId is { } user ? await users.FindAsync(new UserOwner(caller.TenantId, caller.ResellerId), user, cancel) : null;
        return TypedResults.Ok(new MeDto
        {
            Subject = caller.Subject, Name = caller.Name, Role = caller.Role!.Value, TenantId = caller.TenantId, Tenant = tenantName, ResellerId = caller.ResellerId, Extension = number, MayWrite = caller.MayWrite,
            TwoFactor = person?.TwoFactorEnabled, HasPassword = person is null ? null : person.PasswordHash is not null,
            Support = (await platform.GetAsync(cancel)).Support,
        });
    }

    internal static async Task<Ok<BrandingDto>> BrandingAsync(Caller caller, BrandingLookup brandings, CancellationToken cancel) => TypedResults.Ok(
        (caller.TenantId is { } tenant ? await brandings.OfTenantAsync(tenant, cancel) : caller.ResellerId is { } reseller ? await brandings.OfResellerAsync(reseller, cancel) : null).ToDto());

    internal static async Task<Results<Ok<Page<PasskeyDto>>, ProblemHttpResult>> PasskeysAsync(Caller caller, UserDirectory users, CancellationToken cancel) => caller.UserId is { } user
        ? TypedResults.Ok(new Page<PasskeyDto>([.. (await users.PasskeysAsync(user, cancel)).Select(passkey => new PasskeyDto(passkey.Name, passkey.CreatedAt))], null))
        : OfPeople();

    /// <summary>What programs are told: they sign in nowhere.</summary>
    internal static ProblemHttpResult OfPeople() => Answers.Forbidden("This is a person's own: a program, or the operator token, has no sign-ins. Use the token of somebody who signed in.");
}
