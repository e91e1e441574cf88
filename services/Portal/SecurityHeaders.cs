namespace CloudPbx.Portal;

/// <summary>Tells the browser what the portal's pages may do: nothing from elsewhere, in nobody's frame.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    // Styles inline: MudBlazor positions its popovers so. Scripts never.
    private const string Policy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; media-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Lets a page, which has not begun yet, show images of one more place: a brand's logo.</summary>
    /// <param name="context">The page's request.</param>
    /// <param name="origin">Where they come from; <see langword="null"/>: from us, as always.</param>
    public static void AllowImages(HttpContext context, string? origin)
    {
        if (origin is not null && !context.Response.HasStarted)
            context.Response.Headers.ContentSecurityPolicy = Policy.Replace("img-src 'self' data:", $"img-src 'self' data: {origin}", StringComparison.Ordinal);
    }

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
