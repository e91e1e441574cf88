namespace CloudPbx.Identity.Brands;

/// <summary>Finds out as what the protocol's own pages appear.</summary>
internal sealed class BrandFilter(BrandHosts brands) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        await brands.WearAsync(context.HttpContext);
        return await next(context);
    }
}
