namespace CloudPbx.Api;

/// <summary>The page that a reseller's programmer reads first, as it lies in the repository.</summary>
internal static class GettingStarted
{
    public const string Path = "/docs/getting-started.md";

    public static void MapGettingStarted(this IEndpointRouteBuilder endpoints) => endpoints.MapGet(Path, () =>
        TypedResults.Stream(typeof(GettingStarted).Assembly.GetManifestResourceStream("getting-started.md")!, "text/markdown; charset=utf-8")).AllowAnonymous().ExcludeFromDescription();
}
