using CloudPbx.Api.Access;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data;
using CloudPbx.Data.Tenants;
using Microsoft.EntityFrameworkCore;

namespace CloudPbx.Api;

/// <summary>Enters the tenant that the path names, by identifier or name, before anything reads its rows; an unknown one is 404, and so is one that is none of the caller's business.</summary>
internal sealed class TenantFilter(TenantLookup tenants) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        string idOrName = (string)http.GetRouteValue("tenant")!;
        Caller caller = http.RequestServices.GetRequiredService<Caller>();
        if (await tenants.FindOwnerAsync(idOrName, http.RequestAborted) is not { } tenant || !caller.Sees(tenant))
            return Answers.NoTenant();
        http.RequestServices.GetRequiredService<TenantContext>().Enter(tenant.Id);
        http.Features.Set(tenant);
        if (caller.Role == UserRole.User)
            caller.OwnNumber = await FindOwnNumberAsync(http, caller);
        return await next(context);
    }

    private static async Task<string> FindOwnNumberAsync(HttpContext http, Caller caller)
    {
        if (caller.ExtensionId is not { } own)
            return "";
        PbxDbContext db = http.RequestServices.GetRequiredService<PbxDbContext>();
        return await db.Extensions.Where(e => e.Id == own).Select(e => e.Number).SingleOrDefaultAsync(http.RequestAborted) ?? "";
    }
}
