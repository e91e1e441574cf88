using CloudPbx.Api.Access;
using CloudPbx.Contracts.Identity;
using CloudPbx.Data.Resellers;

namespace CloudPbx.Api.Resellers;

/// <summary>Enters the reseller that the path names; another's is 404.</summary>
internal sealed class ResellerFilter(ResellerStore resellers) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        Caller caller = http.RequestServices.GetRequiredService<Caller>();
        if (await resellers.FindAsync((string)http.GetRouteValue("reseller")!, http.RequestAborted) is not { } row || (caller.Role != UserRole.Operator && caller.ResellerId != row.Id))
            return Answers.NotFound("There is no such reseller. The path takes its name or its identifier.");
        http.RequestServices.GetRequiredService<ResellerOfRequest>().Enter(row);
        return await next(context);
    }
}
