using System.Text.Json;
using CloudPbx.TestKit;

namespace CloudPbx.Browser.Tests;

/// <summary>Two companies with the same numbers, one of them marked all over: no page of the other shows the mark, also not in a browser in which the marked one's administrator was before (S23).</summary>
[Collection(PortalFixture.OneAfterTheOther)]
public sealed class CanaryTests(PortalFixture portal)
{
    private const string Mark = "canary";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_page_shows_another_companys_canary_also_after_another_signs_in()
    {
        string suffix = Guid.NewGuid().ToString("N")[..6], marked = $"{Mark}-{suffix}", plain = $"plain-{suffix}";
        string theirs = await FoundAsync(marked, Mark), ours = await FoundAsync(plain, "own");
        await using Visit visit = await portal.VisitAsync();
        await visit.ChoosePasswordAsync(new Uri(theirs));
        int shown = 0;
        foreach (string page in PagesOf(marked))
        {
            await visit.GoAsync(page);
            if ((await visit.Page.InnerTextAsync("main")).Contains($"{Mark}-", StringComparison.OrdinalIgnoreCase)) shown++;
        }
        Assert.True(shown >= 12, $"only {shown} pages show the mark to its owner: the test proves little");
        await visit.SignOutAsync();

        await visit.ChoosePasswordAsync(new Uri(ours));
        List<string> told = [];
        foreach (string page in PagesOf(plain).Concat(PagesOf(marked)).Append("me").Append("platform/tenants"))
        {
            await visit.GoAsync(page);
            // A page of the other company says that there is none; what it was asked for stands in its address alone.
            string html = await visit.Page.ContentAsync();
            if (page.StartsWith($"t/{marked}", StringComparison.Ordinal))
                html = html.Replace(marked, "", StringComparison.OrdinalIgnoreCase);
            if (html.Contains(Mark, StringComparison.OrdinalIgnoreCase)) told.Add(page);
        }
        Assert.Equal([], told);
    }

    /// <summary>Every page of a tenant that needs no identifier of its own.</summary>
    private static IEnumerable<string> PagesOf(string tenant) =>
        LookTests.Pages.Where(page => page.StartsWith("t/acme", StringComparison.Ordinal) && !page.Contains('{') && page is not ("t/acme/branding" or "t/acme/trunks/look")).Select(page => $"t/{tenant}{page[6..]}");

    /// <summary>A company with something on every page.</summary>
    /// <returns>Where its administrator chooses a password.</returns>
    private async Task<string> FoundAsync(string name, string mark)
    {
        PbxApi api = portal.Product.Api;
        string at = $"tenants/{name}";
        await api.PostAsync("tenants", $$"""{"name":"{{name}}"}""", Cancel);
        await api.PostAsync($"{at}/domains", $$"""{"name":"{{name}}.example"}""", Cancel);
        await api.PostAsync($"{at}/extensions", $$"""{"number":"100","displayName":"{{mark}}-extension"}""", Cancel);
        await api.PostAsync($"{at}/devices", $$"""{"extension":"100","name":"{{mark}}-phone"}""", Cancel);
        await api.PostAsync($"{at}/conferences", $$"""{"number":"600","name":"{{mark}}-room"}""", Cancel);
        await api.PostAsync($"{at}/trunks", $$"""{"name":"{{mark}}-trunk","server":{"host":"{{mark}}.carrier.invalid"},"accounts":[{"user":"{{mark}}-line","password":"secret-of-it"}]}""", Cancel);
        await api.PostAsync($"{at}/routes", $$"""{"name":"{{mark}}-route","trunks":[{"trunk":"{{mark}}-trunk"}]}""", Cancel);
        await api.PostAsync($"{at}/webhooks", $$"""{"name":"{{mark}}-hook","url":"https://9.9.9.9/{{mark}}-hook","enabled":false}""", Cancel);
        await api.PostAsync($"{at}/keys", $$"""{"name":"{{mark}}-key","mayWrite":false}""", Cancel);
        JsonElement administrator = await api.PostAsync($"{at}/users", $$"""{"email":"{{mark}}-{{Guid.NewGuid():N}}@example.com","displayName":"{{mark}}-person","role":"administrator"}""", Cancel);
        return administrator.GetProperty("passwordLink").GetString()!;
    }
}
