namespace CloudPbx.Api;

/// <summary>A query parameter that a handler reads itself, so that what is wrong with it is told with everything else; here it is named for the OpenAPI document.</summary>
/// <param name="Name">The parameter's name.</param>
/// <param name="Description">What it does.</param>
internal sealed record QueryParameter(string Name, string Description)
{
    public static readonly QueryParameter[] Page =
    [
        new("after", "The value of next from the page before."),
        new("limit", "Items on the page."),
    ];
}
