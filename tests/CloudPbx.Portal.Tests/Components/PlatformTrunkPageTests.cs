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
        Assert.Contains("\"accounts\":[]", context.Api.Asked[^1].Body, StringComparison.Ordinal);                  // the carrier trusts our address
        Assert.Equal("carrier", page.Find("#trunk-name").GetAttribute("value"));                                // nothing typed is lost

        context.Api.On("POST /v1/platform/trunks", Trunk());
        page.Find("#trunk-sources").Change("192.0.2.0/24");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.EndsWith("/platform/trunks", context.Bunit.Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal));
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
