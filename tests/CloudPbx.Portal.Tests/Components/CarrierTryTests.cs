using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Trunks;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CarrierTryTests
{
    [Theory]
    [InlineData("en", "Registration: does not work", "The answers suggest")]
    [InlineData("zh-CN", "注册: 不可用", "应答建议")]
    public async Task A_trunk_is_tried_and_each_step_says_what_the_carrier_said(string language, string step, string suggested)
    {
        await using PortalContext context = new(language);
        context.Api.On("POST /v1/tenants/acme/trunks/carrier/check", new TrunkCheckDto(
            [new TrunkCheckStepDto("dns", TrunkCheckOutcome.Good, "sip.carrier.example has 2 addresses"), new TrunkCheckStepDto("registration", TrunkCheckOutcome.Bad, "403 <b>Wrong</b> password")],
            [new TrunkCheckSuggestionDto("requestUriParameters", "user=phone", "it said so")]));
        var shown = context.Bunit.Render<CarrierTry>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Trunk, "carrier"));
        shown.Find("form").Submit();
        shown.WaitForElement("[data-testid=trunk-check]");
        Assert.Contains(step, shown.Find("[data-testid=trunk-check] .refused").TextContent, StringComparison.Ordinal);
        Assert.Contains("403 <b>Wrong</b> password", shown.Find("[data-testid=trunk-check]").TextContent, StringComparison.Ordinal);       // S22: a carrier's words are text
        Assert.Contains(suggested, shown.Markup, StringComparison.Ordinal);
        Assert.Contains("requestUriParameters: user=phone", shown.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_call_is_asked_about_since_it_may_cost_money()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/tenants/acme/trunks/carrier/check?number=%2B4930", new TrunkCheckDto([], []));
        var shown = context.Bunit.Render<CarrierTry>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Trunk, "carrier"));
        shown.Find("#try-call").Change("+4930");
        shown.Find("form").Submit();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("may cost money", context.Dialogs.Markup, StringComparison.Ordinal));
        Assert.Empty(context.Api.Asked);
        context.Dialogs.Find(".mud-dialog-actions button.mud-button-filled-error, .mud-dialog-actions button.mud-button-filled").Click();
        shown.WaitForElement("[data-testid=trunk-check]");
        Assert.Equal("POST /v1/tenants/acme/trunks/carrier/check?number=%2B4930", context.Api.Asked[^1].Request);
    }
}
