namespace CloudPbx.Portal;

/// <summary>Which addresses are the portal's, where it shares a listener with the API and identities.</summary>
internal static class PortalPaths
{
    private static readonly string[] s_others = ["/v1", "/openapi", "/health", "/metrics", "/connect", "/account", "/.well-known", "/sip"];

    /// <summary>Whether a request is for the portal.</summary>
    public static bool IsPortal(PathString path) => !Array.Exists(s_others, other => path.StartsWithSegments(other, StringComparison.OrdinalIgnoreCase));
}
