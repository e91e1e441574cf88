namespace CloudPbx.Portal;

/// <summary>Tells the browser what the portal's pages may do: nothing from elsewhere, in nobody's frame.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // Styles inline: MudBlazor positions its popovers so. Scripts never.
    private const string Policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    public Task InvokeAsync(HttpContext context)
    {
        IHeaderDictionary headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)";
        return next(context);
    }
}
