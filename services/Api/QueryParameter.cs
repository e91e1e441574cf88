using CloudPbx.Api.Bodies;

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

    /// <summary>Reads a parameter that chooses between two things.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="no">What is so where it is absent.</param>
    /// <param name="yes">The other.</param>
    /// <param name="errors">Takes what is neither.</param>
    /// <returns>Whether it is <paramref name="yes"/>.</returns>
    public static bool Choice(HttpRequest request, string name, string no, string yes, RequestErrors errors)
    {
        string text = request.Query[name].ToString();
        if (text.Length > 0 && text != no && text != yes)
            errors.Add(name, $"Must be {no} or {yes}.");
        return text == yes;
    }
}
