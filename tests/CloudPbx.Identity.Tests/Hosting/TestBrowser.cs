using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.TestHost;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.IdentityModel.Tokens;

namespace CloudPbx.Identity.Tests.Hosting;

/// <summary>Keeps cookies, reads forms, sends them; follows no redirect by itself.</summary>
#pragma warning disable CA1001 // Its client has nothing of its own: the server is the fixture's.
public sealed partial class TestBrowser(TestServer server, string origin = TestIdentity.Address)
#pragma warning restore CA1001
{
    public const string Callback = TestIdentity.Address + "/signin-oidc";
    public const string AllScopes = "openid profile email roles offline_access api";

    /// <summary>What it calls itself.</summary>
    public string? UserAgent { get; init; }

    private readonly CookieContainer _cookies = new();
    private readonly HttpClient _client = new(server.CreateHandler()) { BaseAddress = new Uri(origin) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>The page that is shown, and its address.</summary>
    public string Page { get; private set; } = "";

    public Uri At { get; private set; } = new(origin);

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        var address = new Uri(new Uri(origin), request.RequestUri!);
        if (_cookies.GetCookieHeader(address) is { Length: > 0 } cookies)
            request.Headers.TryAddWithoutValidation("Cookie", cookies);
        if (UserAgent is not null)
            request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        HttpResponseMessage response = await _client.SendAsync(request, Cancel);
        if (response.Headers.TryGetValues("Set-Cookie", out IEnumerable<string>? set))
        {
            foreach (string cookie in set)
                _cookies.SetCookies(address, cookie.Replace("; samesite=strict", "", StringComparison.OrdinalIgnoreCase).Replace("; samesite=lax", "", StringComparison.OrdinalIgnoreCase));
        }
        if (response.Content.Headers.ContentType?.MediaType == "text/html")
            (Page, At) = (WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync(Cancel)), address);
        return response;
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? language = null)
    {
        HttpRequestMessage request = new(HttpMethod.Get, path);
        if (language is not null)
            request.Headers.TryAddWithoutValidation("Accept-Language", language);
        return SendAsync(request);
    }

    /// <summary>Fills the form of the page that is shown, and sends it.</summary>
    public Task<HttpResponseMessage> SubmitAsync(params (string Name, string Value)[] fields)
    {
        string action = FormAction().Matches(Page) is [.., var last] ? last.Groups[1].Value : throw new InvalidOperationException($"No form: {Page}");
        return PostAsync(action, fields);
    }

    /// <summary>Sends one of several forms of the page that is shown.</summary>
    public Task<HttpResponseMessage> SubmitToAsync(string action, params (string Name, string Value)[] fields)
    {
        Assert.Contains($"action=\"{action}\"", Page, StringComparison.Ordinal);
        return PostAsync(action, fields);
    }

    /// <summary>Sends a form of the page that is shown to another of our addresses.</summary>
    public Task<HttpResponseMessage> PostAsync(string action, params (string Name, string Value)[] fields)
    {
        Dictionary<string, string> all = HiddenField().Matches(Page).DistinctBy(m => m.Groups[1].Value).ToDictionary(m => m.Groups[1].Value, m => m.Groups[2].Value);
        foreach ((string name, string value) in fields)
            all[name] = value;
        return SendAsync(new HttpRequestMessage(HttpMethod.Post, action) { Content = new FormUrlEncodedContent(all) });
    }

    /// <summary>The value of a hidden field of the page that is shown.</summary>
    public string HiddenValue(string name) => HiddenField().Matches(Page).First(m => m.Groups[1].Value == name).Groups[2].Value;

    /// <summary>What the page that is shown asks an authenticator.</summary>
    public string PasskeyOptions() => PasskeyQuestion().Match(Page) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"No question: {Page}");

    /// <summary>Opens the sign-in page and signs in.</summary>
    public async Task SignInAnewAsync(string name)
    {
        (await GetAsync("/account/signin")).Dispose();
        await SignInAsync(name);
    }

    /// <summary>Signs in on the page that is shown; gives where it leads.</summary>
    public async Task<string> SignInAsync(string name, string password = TestIdentity.Password)
    {
        using HttpResponseMessage response = await SubmitAsync(("name", name), ("password", password));
        Assert.True(response.StatusCode == HttpStatusCode.Found, Page);
        return response.Headers.Location!.ToString();
    }

    /// <summary>The portal's way: authorization code with PKCE (RFC 7636), as a user who signs in on the way.</summary>
    public async Task<(string Code, string Verifier)> AuthorizeAsync(string name, string scope = AllScopes)
    {
        string verifier = Base64UrlEncoder.Encode(RandomNumberGenerator.GetBytes(32));
        using HttpResponseMessage asked = await GetAsync(AuthorizePath(verifier, scope));
        string target = asked.Headers.Location!.ToString();
        if (target.StartsWith("/account/signin", StringComparison.Ordinal))
        {
            using HttpResponseMessage form = await GetAsync(target);
            using HttpResponseMessage again = await GetAsync(await SignInAsync(name));
            target = again.Headers.Location!.ToString();
        }
        Assert.StartsWith(Callback, target, StringComparison.Ordinal);
        return (QueryHelpers.ParseQuery(new Uri(target).Query)["code"].ToString(), verifier);
    }

    public static string AuthorizePath(string verifier, string scope = AllScopes, string client = "portal", string callback = Callback, string? prompt = null)
    {
        Dictionary<string, string?> query = new()
        {
            ["client_id"] = client, ["response_type"] = "code", ["redirect_uri"] = callback, ["scope"] = scope, ["state"] = "s", ["nonce"] = "n",
            ["code_challenge"] = Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))), ["code_challenge_method"] = "S256", ["prompt"] = prompt,
        };
        return QueryHelpers.AddQueryString("/connect/authorize", query.Where(p => p.Value is not null));
    }

    /// <summary>Asks the token endpoint, as the portal where nothing else is said.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> TokenAsync(params (string Name, string Value)[] fields)
    {
        Dictionary<string, string> all = new() { ["client_id"] = "portal", ["client_secret"] = TestIdentity.PortalSecret };
        foreach ((string name, string value) in fields)
            all[name] = value;
        using HttpResponseMessage response = await SendAsync(new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = new FormUrlEncodedContent(all) });
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync(Cancel)));
    }

    public Task<(HttpStatusCode Status, JsonElement Answer)> RedeemAsync(string code, string verifier) =>
        TokenAsync(("grant_type", "authorization_code"), ("code", code), ("redirect_uri", Callback), ("code_verifier", verifier));

    public Task<(HttpStatusCode Status, JsonElement Answer)> RefreshAsync(string token) => TokenAsync(("grant_type", "refresh_token"), ("refresh_token", token));

    [GeneratedRegex("data-options=\"(\\{.*?\\})\"( |>)")]
    private static partial Regex PasskeyQuestion();

    [GeneratedRegex("<form method=\"post\" action=\"([^\"]*)\"")]
    private static partial Regex FormAction();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex HiddenField();
}
