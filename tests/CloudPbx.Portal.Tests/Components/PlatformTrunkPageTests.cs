using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Platform;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

public sealed class PlatformTrunkPageTests
{
    private static readonly TrunkProfile s_generic = TrunkProfiles.All[0];

    [Fact]
    public async Task A_shared_trunk_is_made_and_what_is_wrong_stands_beside_its_field()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/profiles", new Page<TrunkProfile>([s_generic], null));
        context.Api.OnProblem("POST /v1/platform/trunks", 400, "validation", new Dictionary<string, string[]> { ["$.sources[1]"] = ["Must be an address or a network, for example 192.0.2.0/24."] });
        var page = context.Bunit.Render<PlatformTrunkPage>();
        page.WaitForElement("#trunk-name").Change("carrier");
        page.Find("#trunk-host").Change("sip.carrier.example");
        page.Find("#trunk-sources").Change("192.0.2.0/24\nnowhere");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("Must be an address or a network", page.Markup, StringComparison.Ordinal));
        Assert.Contains("\"sources\":[\"192.0.2.0/24\",\"nowhere\"]", context.Api.Asked[^1].Body, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"ip\"", context.Api.Asked[^1].Body, StringComparison.Ordinal);
        Assert.Contains("\"accounts\":[]", context.Api.Asked[^1].Body, StringComparison.Ordinal);                  // the carrier trusts our address
        Assert.Equal("carrier", page.Find("#trunk-name").GetAttribute("value"));                                // nothing typed is lost

        context.Api.On("POST /v1/platform/trunks", Trunk());
        page.Find("#trunk-sources").Change("192.0.2.0/24");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.EndsWith("/platform/trunks", context.Bunit.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_shared_trunk_is_registered_by_accounts_whose_passwords_are_kept_where_none_is_typed()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/profiles", new Page<TrunkProfile>([s_generic], null));
        context.Api.On("GET /v1/platform/trunks/carrier", Trunk() with { Kind = TrunkKind.Registered, RegistrationSeconds = 600, Accounts = [new TrunkAccountDocument { User = "line-1", AuthUser = "line-1" }] });
        context.Api.OnProblem("PUT /v1/platform/trunks/carrier", 400, "validation", new Dictionary<string, string[]> { ["$.accounts[1].password"] = ["Is missing: a new account needs the password that the carrier gave."] });
        var page = context.Bunit.Render<PlatformTrunkPage>(parameters => parameters.Add(p => p.Name, "carrier"));
        Assert.Equal("line-1", page.WaitForElement("#line-user-0").GetAttribute("value"));
        page.FindAll("button").Single(button => button.TextContent.Contains("Add", StringComparison.Ordinal) && button.ClassList.Contains("mud-button-outlined")).Click();
        page.WaitForElement("#line-user-1").Change("line-2");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains("a new account needs the password", page.Markup, StringComparison.Ordinal));
        page.Find("#line-password-1").Change("what the carrier gave");
        context.Api.On("PUT /v1/platform/trunks/carrier", Trunk());
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.EndsWith("/platform/trunks", context.Bunit.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
        string body = context.Api.Asked.Last(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)).Body!;
        Assert.Contains("\"kind\":\"registered\"", body, StringComparison.Ordinal);
        Assert.Contains("\"accounts\":[{\"user\":\"line-1\"},{\"user\":\"line-2\",\"password\":\"what the carrier gave\"}],\"registrationSeconds\":600", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shared_trunk_that_tenants_use_is_not_deleted_and_it_says_why()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/profiles", new Page<TrunkProfile>([s_generic], null));
        context.Api.On("GET /v1/platform/trunks/carrier", Trunk());
        context.Api.OnProblem("DELETE /v1/platform/trunks/carrier", 409, "in-use");
        var page = context.Bunit.Render<PlatformTrunkPage>(parameters => parameters.Add(p => p.Name, "carrier"));
        page.WaitForElement("button.mud-button-text-error").Click();
        context.Dialogs.WaitForElement("#confirm-word").Input("carrier");
        context.Dialogs.Find(".mud-button-filled-error").Click();
        page.WaitForAssertion(() => Assert.Equal("DELETE /v1/platform/trunks/carrier", context.Api.Asked[^1].Request));
        Assert.DoesNotMatch("/platform/trunks$", context.Bunit.Services.GetRequiredService<NavigationManager>().Uri);
    }

    private static TrunkDto Trunk() => new()
    {
        Id = TrunkId.New(), Name = "carrier", Owner = default, RegistrationSeconds = 3600, Recording = default, Kind = TrunkKind.Ip, Enabled = true, Server = new TrunkServer("sip.carrier.example"), Accounts = [], Sources = ["192.0.2.0/24"], Profile = s_generic, Changes = new TrunkProfileChanges(),
    };
}
