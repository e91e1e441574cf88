using System.Net;
using System.Text.RegularExpressions;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Routes;
using Microsoft.AspNetCore.Components.Web;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>What cannot be undone is done when its name was typed, and not before.</summary>
public sealed partial class DestructiveActTests
{
    // Undone where they were done, or done again: asked about, with the name in the question, and nothing is typed.
    private static readonly HashSet<string> s_undone =
    [
        "LiftBanAsync", "DrainNodeAsync",                                  // whoever guesses again is shut out again; a node is undrained
        "EndMySessionAsync", "EndMyOtherSessionsAsync",                    // one signs in again
        "HangUpAsync",                                                     // one calls again
    ];

    [Fact]
    public void Every_deletion_and_every_new_secret_goes_by_the_dialog_that_wants_the_name()
    {
        string[] acts = [.. ApiStatements().Select(statement => Destroys().Match(statement)).Where(match => match.Success).Select(match => match.Groups["name"].Value).Where(name => !s_undone.Contains(name)).Distinct()];
        Assert.True(acts.Length >= 18, $"Only {acts.Length} were found: the client looks otherwise than this test thinks.");
        List<string> unasked = [];
        foreach (string file in Repository.PortalSources().Where(file => file.Contains("/Components/", StringComparison.Ordinal)))
        {
            string source = File.ReadAllText(file);
            foreach (Match call in Regex.Matches(source, $@"\.(?:{string.Join('|', acts)})\("))
            {
                int begin = source.LastIndexOfAny([';', '{', '}'], call.Index) + 1;
                if (!source[begin..call.Index].Contains("DestroyAsync(", StringComparison.Ordinal))
                    unasked.Add($"{Path.GetFileName(file)}: {call.Value}");
            }
        }
        Assert.Equal([], unasked);
    }

    [Fact]
    public async Task Nothing_is_deleted_until_its_name_is_typed()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/routes", new Page<RouteDto>([new RouteDto { Id = RouteId.New(), Name = "abroad", Prefix = "00", Order = default, Trunks = [], FailoverOn = [], Rewrite = [] }], null));
        context.Api.On("GET /v1/tenants/acme/trunks", new Page<TrunkDto>([], null));
        context.Api.OnRaw("DELETE /v1/tenants/acme/routes/abroad", () => new HttpResponseMessage(HttpStatusCode.NoContent));
        var page = context.Bunit.Render<RoutesPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("button.mud-button-text-error").Click();
        context.Dialogs.WaitForElement("#confirm-word");
        Assert.True(context.Dialogs.Find(".mud-button-filled-error").HasAttribute("disabled"));
        context.Dialogs.Find("#confirm-word").Input("abroa");
        context.Dialogs.Find("#confirm-word").KeyDown(new KeyboardEventArgs { Key = "Enter" });
        Assert.True(context.Dialogs.Find(".mud-button-filled-error").HasAttribute("disabled"));
        Assert.DoesNotContain(context.Api.Asked, asked => asked.Request.StartsWith("DELETE", StringComparison.Ordinal));
        context.Dialogs.Find("#confirm-word").Input("abroad");
        context.Dialogs.Find("#confirm-word").KeyDown(new KeyboardEventArgs { Key = "Enter" });
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "DELETE /v1/tenants/acme/routes/abroad"));
    }

    private static IEnumerable<string> ApiStatements() => Repository.PortalSources().Where(file => file.Contains("/ApiClient/", StringComparison.Ordinal)).SelectMany(file => File.ReadAllText(file).Split(';'));

    [GeneratedRegex("""public [\w<>]+ (?<name>\w+Async)\((?:.|\n)*(?:HttpMethod\.Delete|(?<!browser-phones.*)/secret")""")]
    private static partial Regex Destroys();
}
