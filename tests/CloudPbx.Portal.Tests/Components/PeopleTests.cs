using System.Net;
using System.Security.Claims;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Identity;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Account;
using CloudPbx.Portal.Components.Pages.Audit;
using CloudPbx.Portal.Components.Pages.Keys;
using CloudPbx.Portal.Components.Pages.Users;
using Microsoft.AspNetCore.Components;

namespace CloudPbx.Portal.Tests.Components;

public sealed class PeopleTests
{
    private const string Once = "only-once-here";

    [Fact]
    public async Task Who_is_let_in_gets_a_link_that_is_shown_once()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/users", new Page<UserDto>([], null));
        context.Api.On("POST /v1/tenants/acme/users", User("bob@acme.example", UserRole.User, hasPassword: false) with { PasswordLink = "https://pbx.example/account/password?token=" + Once }, HttpStatusCode.Created);
        IRenderedComponent<UsersPage> page = context.Bunit.Render<UsersPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#user-email").Change(" bob@acme.example ");
        context.Dialogs.Find("#user-extension").Change("100");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.EndsWith(Once, context.Dialogs.Find("[data-field=link]").TextContent, StringComparison.Ordinal));
        Assert.Contains("""{"email":"bob@acme.example","role":"user","extension":"100","enabled":true}""", context.Api.Asked.Select(asked => asked.Body));
    }

    [Fact]
    public async Task What_is_wrong_with_somebody_stands_beside_the_field()
    {
        await using PortalContext context = new("zh-CN");
        context.Api.On("GET /v1/tenants/acme/users", new Page<UserDto>([], null));
        context.Api.OnProblem("POST /v1/tenants/acme/users", 400, "validation", new Dictionary<string, string[]> { ["$.extension"] = ["The tenant has no extension of this number: create it first."] });
        IRenderedComponent<UsersPage> page = context.Bunit.Render<UsersPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#user-email").Change("bob@acme.example");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("没有此分机", context.Dialogs.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_key_has_its_secret_once_and_the_list_never()
    {
        await using PortalContext context = new();
        ApiKeyDto made = new() { ClientId = "key-1", Name = "Customers", Role = UserRole.Administrator, MayWrite = false, CreatedAt = DateTime.UnixEpoch, ClientSecret = Once };
        context.Api.On("GET /v1/tenants/acme/keys", new Page<ApiKeyDto>([], null));
        context.Api.On("POST /v1/tenants/acme/keys", made, HttpStatusCode.Created);
        IRenderedComponent<KeysPage> page = context.Bunit.Render<KeysPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#key-name").Change("Customers");
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled").Click();
        context.Dialogs.WaitForElement("[data-field=client-secret]");
        Assert.DoesNotContain(Once, context.Dialogs.Markup, StringComparison.Ordinal);                // until somebody asks
        context.Dialogs.Find("[data-field=client-secret] + button").Click();
        Assert.Equal(Once, context.Dialogs.Find("[data-field=client-secret]").TextContent);
        Assert.Equal("api.read", context.Dialogs.Find("[data-field=scope]").TextContent);
        page.WaitForAssertion(() => Assert.Contains("key-1", page.Find("[data-testid=keys]").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain(Once, page.Markup, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/tenants/acme/extensions/100", "tenants", "extensions/100")]
    [InlineData("/v1/tenants/acme/users/1/link", "tenants", "users/1/link")]
    [InlineData("/v1/tenants/acme", "tenants", "")]
    [InlineData("/v1/tenants", "resellers", "tenants")]
    [InlineData("/v1/tenants/acme", "resellers", "tenants/acme")]
    [InlineData("/v1/resellers/one/keys/crm", "resellers", "keys/crm")]
    [InlineData("/v1/resellers/one/keys/crm", null, "resellers/one/keys/crm")]
    [InlineData("/v1/platform/settings", null, "platform/settings")]
    public void A_path_of_the_audit_log_is_told_below_its_owner(string path, string? owners, string shown) => Assert.Equal(shown, AuditPage.Shorter(path, owners));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_person_has_a_password_and_the_operator_token_has_none(bool person)
    {
        await using PortalContext context = new("en", new Claim("name", "Alice"), new Claim("role", "user"), new Claim("email", "alice@acme.example"));
        context.Api.On("GET /v1/me", new MeDto { Subject = person ? UserId.New().ToString() : "operator-token", Name = "Alice", Role = UserRole.User, TenantId = TenantId.New(), Tenant = "acme", Extension = "100", MayWrite = true });
        context.Api.On("GET /v1/me/sessions", new Page<SessionDto>([], null));
        context.Api.On("GET /v1/me/passkeys", new Page<PasskeyDto>([], null));
        IRenderedComponent<AccountPage> page = context.Bunit.Render<AccountPage>();
        page.WaitForElement("[data-testid=me]");
        Assert.Contains("alice@acme.example", page.Find("[data-testid=me]").TextContent, StringComparison.Ordinal);
        Assert.Equal(person ? 1 : 0, page.FindAll("a[href='/account/password']").Count);
        Assert.Equal(person ? 1 : 0, page.FindAll("[data-testid=sessions]").Count);
    }

    private static UserDto User(string mail, UserRole role, bool hasPassword) => new()
    {
        Id = UserId.New(), UserName = mail, Email = mail, DisplayName = mail, Role = role, Enabled = true, HasPassword = hasPassword, TwoFactor = false, CreatedAt = DateTime.UnixEpoch,
    };
}
