using System.Net;
using System.Security.Claims;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Account;
using CloudPbx.Portal.Components.Shared;

namespace CloudPbx.Portal.Tests.Components;

public sealed class AccountTests
{
    private const string Firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    private const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

    [Theory]
    [InlineData("en", "this browser", "by passkey", "on")]
    [InlineData("zh-CN", "此浏览器", "使用通行密钥", "已启用")]
    public async Task Somebody_sees_how_they_sign_in_and_where_they_are_signed_in(string language, string here, string method, string on)
    {
        await using PortalContext context = Person(language, [Session(Firefox, current: true), Session(Chrome, current: false, SignInMethod.Passkey)], [new PasskeyDto("laptop", DateTime.UnixEpoch)]);
        IRenderedComponent<AccountPage> page = context.Bunit.Render<AccountPage>();
        string sessions = page.WaitForElement("[data-testid=sessions]").TextContent;
        Assert.Contains("Firefox · Linux", sessions, StringComparison.Ordinal);
        Assert.Contains("Chrome · Windows", sessions, StringComparison.Ordinal);
        Assert.Contains(here, sessions, StringComparison.Ordinal);
        Assert.Contains(method, sessions, StringComparison.Ordinal);
        Assert.Contains("laptop", page.Find("[data-testid=passkeys]").TextContent, StringComparison.Ordinal);
        Assert.Equal(on, page.Find("[data-testid=second-step]").TextContent);
        Assert.Single(page.FindAll("[data-testid=sessions] tbody button"));                       // this one is left by signing out
    }

    [Fact]
    public async Task A_sign_in_elsewhere_is_ended_when_that_is_confirmed()
    {
        SessionDto other = Session(Chrome, current: false);
        await using PortalContext context = Person("en", [Session(Firefox, current: true), other], []);
        context.Api.OnRaw($"DELETE /v1/me/sessions/{other.Id}", () => new HttpResponseMessage(HttpStatusCode.NoContent));
        IRenderedComponent<AccountPage> page = context.Bunit.Render<AccountPage>();
        page.WaitForElement("[data-testid=sessions] tbody button").Click();
        Assert.Contains("Chrome · Windows", context.Dialogs.WaitForElement(".mud-dialog").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain(context.Api.Asked, asked => asked.Request.StartsWith("DELETE", StringComparison.Ordinal));
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled-error").Click();
        page.WaitForAssertion(() => Assert.DoesNotContain("Chrome", page.Find("[data-testid=sessions]").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task All_others_are_ended_at_once()
    {
        await using PortalContext context = Person("en", [Session(Firefox, current: true), Session(Chrome, current: false), Session(null, current: false)], []);
        context.Api.OnRaw("DELETE /v1/me/sessions", () => new HttpResponseMessage(HttpStatusCode.NoContent));
        IRenderedComponent<AccountPage> page = context.Bunit.Render<AccountPage>();
        Assert.Contains("Unknown browser", page.WaitForElement("[data-testid=sessions]").TextContent, StringComparison.Ordinal);
        page.Find("[data-testid=end-others]").Click();
        context.Dialogs.WaitForElement(".mud-dialog-actions button.mud-button-filled-error").Click();
        page.WaitForAssertion(() => Assert.Single(page.FindAll("[data-testid=sessions] tbody tr")));
        Assert.Empty(page.FindAll("[data-testid=end-others]"));
    }

    [Theory]
    [InlineData(Firefox, "Firefox · Linux")]
    [InlineData(Chrome, "Chrome · Windows")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", "Safari · iPhone")]
    [InlineData("curl/8.5.0", "curl/8.5.0")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void A_browser_is_known_by_what_it_calls_itself(string? userAgent, string name) => Assert.Equal(name, BrowserName.Of(userAgent));

    private static PortalContext Person(string language, SessionDto[] sessions, PasskeyDto[] passkeys)
    {
        PortalContext context = new(language, new Claim("name", "Alice"), new Claim("role", "user"), new Claim("email", "alice@acme.example"));
        context.Api.On("GET /v1/me", new MeDto { Subject = UserId.New().ToString(), Name = "Alice", Role = UserRole.User, TenantId = TenantId.New(), Tenant = "acme", Extension = "100", MayWrite = true, TwoFactor = true, HasPassword = true });
        context.Api.On("GET /v1/me/sessions", new Page<SessionDto>(sessions, null));
        context.Api.On("GET /v1/me/passkeys", new Page<PasskeyDto>(passkeys, null));
        return context;
    }

    private static SessionDto Session(string? browser, bool current, SignInMethod method = SignInMethod.Password) => new()
    {
        Id = SessionId.New(), Method = method, Address = "192.0.2.1", UserAgent = browser, StartedAt = DateTime.UnixEpoch, LastUsedAt = DateTime.UnixEpoch, Current = current,
    };
}
