using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api.Access;

/// <summary>Who the token's holder is, as the API sees it.</summary>
internal static class MeEndpoints
{
    public static void MapMe(this RouteGroupBuilder api) =>
        api.MapGet("/me", GetAsync).WithName("GetMe").WithTags("Me").WithSummary("Says who the token's holder is and what they may do.").For(UserRole.User);

    internal static async Task<Ok<MeDto>> GetAsync(Caller caller, IPbxDatabase database, CancellationToken cancel)
    {
        (string? tenantName, string? number) = (null, null);
        if (caller.TenantId is { } tenant)
        {
            await using PbxDbContext db = database.OpenTenant(tenant);
            tenantName = await db.Tenants.Select(t => t.Name).SingleOrDefaultAsync(cancel);
            if (caller.ExtensionId is { } extension)
                number = await db.Extensions.Where(e => e.Id == extension).Select(e => e.Number).SingleOrDefaultAsync(cancel);
        }
        return TypedResults.Ok(new MeDto
        {
            Subject = caller.Subject, Name = caller.Name, Role = caller.Role!.Value, TenantId = caller.TenantId, Tenant = tenantName, ResellerId = caller.ResellerId, Extension = number, MayWrite = caller.MayWrite,
        });
    }
}
