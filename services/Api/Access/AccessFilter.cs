using System.Globalization;
using CloudPbx.Contracts.Identity;

namespace CloudPbx.Api.Access;

/// <summary>Lets in who may call the endpoint. An endpoint that names no role is the operator's: what was forgotten is closed.</summary>
internal sealed class AccessFilter(RequestLimit limit) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpContext http = context.HttpContext;
        Caller caller = http.RequestServices.GetRequiredService<Caller>();
        if (!caller.TryEnter(http.User))
            return Answers.Forbidden("The token names no role, or was not issued for this API. Ask for the scope \"api\".");
        if (caller.Role != UserRole.Operator && limit.IsExceeded(caller.Subject, out TimeSpan retryAfter))
        {
            http.Response.Headers.RetryAfter = Math.Ceiling(retryAfter.TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Answers.TooManyRequests();
        }
        UserRole least = http.GetEndpoint()?.Metadata.GetMetadata<LeastRole>()?.Role ?? UserRole.Operator;
        if (caller.Role > least)                                        // the roles stand in their order, the mightiest first
            return Answers.Forbidden($"This is for the role {TokenClaims.Write(least)} and those above it.");
        if (!caller.MayWrite && !HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
            return Answers.Forbidden("This token may only read. Ask for the scope \"api\".");
        return await next(context);
    }
}
