using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Tenancy;
using CloudPbx.Data.Tenants;

namespace CloudPbx.Api;

/// <summary>Enters the tenant that the path names, by identifier or name, before anything reads the database; an unknown one is 404.</summary>
internal sealed class TenantFilter(TenantLookup tenants) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        string idOrName = (string)http.GetRouteValue("tenant")!;
        if (await tenants.FindAsync(idOrName, http.RequestAborted) is not { } tenant)
            return Answers.NotFound("There is no such tenant. The path takes its name or its identifier.");
        http.RequestServices.GetRequiredService<TenantContext>().Enter(tenant);
        return await next(context);
    }
}
