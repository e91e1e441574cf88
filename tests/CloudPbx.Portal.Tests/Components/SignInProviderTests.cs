using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.SignInProvider;

namespace CloudPbx.Portal.Tests.Components;

public sealed class SignInProviderTests
{
    private const string Path = "/v1/tenants/acme/sign-in-provider";

    private static readonly TenantId s_tenant = TenantId.New();

    [Fact]
    public async Task A_new_provider_is_told_its_redirect_and_set_up()
    {
        await using PortalContext context = Context("en");
        context.Api.On("PUT " + Path, Provider());
        IRenderedComponent<SignInProviderPage> page = context.Bunit.Render<SignInProviderPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        Assert.EndsWith($"/account/provider/{s_tenant}", page.WaitForElement("[data-field=redirect-uri]").TextContent, StringComparison.Ordinal);
        page.Find("#issuer").Change(" https://login.acme.example ");
        page.Find("#mail-domain").Change("acme.example");
        page.Find("#client-id").Change("pbx");
        page.Find("#client-secret").Change("its secret");
        context.Api.On("GET " + Path, Provider());
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "PUT " + Path));
        Assert.Equal(
            """{"issuer":"https://login.acme.example","clientId":"pbx","clientSecret":"its secret","mailDomain":"acme.example","enabled":true}""",
            context.Api.Asked.Single(asked => asked.Request == "PUT " + Path).Body);
        page.WaitForAssertion(() => Assert.Equal("", page.Find("#client-secret").GetAttribute("value") ?? ""));           // it is not shown again
    }

    [Fact]
    public async Task What_the_provider_does_wrong_stands_beside_the_field_in_the_users_language()
    {
        await using PortalContext context = Context("zh-CN");
        context.Api.OnProblem("PUT " + Path, 400, "validation", new Dictionary<string, string[]> { ["$.issuer"] = ["Must be the issuer that its own discovery document names, to the letter: compare them."] });
        IRenderedComponent<SignInProviderPage> page = context.Bunit.Render<SignInProviderPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement("#issuer").Change("https://login.acme.example/");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("逐字一致", page.Markup, StringComparison.Ordinal));
        Assert.Equal("https://login.acme.example/", page.Find("#issuer").GetAttribute("value"));
    }

    [Fact]
    public async Task A_provider_is_taken_away_when_that_is_confirmed()
    {
        await using PortalContext context = Context("en");
        context.Api.On("GET " + Path, Provider());
        context.Api.OnRaw("DELETE " + Path, () => new HttpResponseMessage(HttpStatusCode.NoContent));
        IRenderedComponent<SignInProviderPage> page = context.Bunit.Render<SignInProviderPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-form-foot button.mud-button-text-error").Click();
        context.Dialogs.WaitForElement("#confirm-word").Input("acme");                      // its secret is kept nowhere else
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled-error").Click();
        page.WaitForAssertion(() => Assert.Empty(page.FindAll(".cp-form-foot button.mud-button-text-error")));
        Assert.Contains(context.Api.Asked, asked => asked.Request == "DELETE " + Path);
    }

    private static PortalContext Context(string language)
    {
        PortalContext context = new(language);
        context.Api.On("GET /v1/tenants/acme", new TenantDto
        {
            Id = s_tenant, Name = "acme", Language = "en", RingSeconds = 60, IsDefault = true, HoldMusic = true, Announcements = false, RecordingNotice = RecordingNotice.None, ConfigVersion = 1, CreatedAt = DateTime.UnixEpoch,
        });
        return context;
    }

    private static SignInProviderDto Provider() => new()
    {
        Issuer = "https://login.acme.example", ClientId = "pbx", MailDomain = "acme.example", Enabled = true, RedirectUri = $"https://localhost/account/provider/{s_tenant}",
    };
}
