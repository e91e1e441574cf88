using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Portal.Components.Pages.Calls;
using CloudPbx.Portal.Components.Pages.Platform;
using CloudPbx.Portal.Components.Shared;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Forwards of an extension, the platform's settings, and what decided a call.</summary>
public sealed class ForwardsTests
{
    [Fact]
    public async Task Forwards_are_shown_and_changed_and_what_is_wrong_stands_beside_its_field()
    {
        await using PortalContext context = new();
        context.Api.OnProblem("PUT /v1/tenants/acme/extensions/100/forwards", 400, "validation", new Dictionary<string, string[]> { ["$.busy"] = ["Must be another number: an extension does not send its calls on to itself."] });
        var card = context.Bunit.Render<ForwardsCard>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Number, "100").Add(p => p.Forwards, new CallForwards { NoAnswer = "102" }).Add(p => p.ETag, "\"7\""));
        Assert.Equal("102", card.Find("#forward-noAnswer").GetAttribute("value"));
        card.Find("#forward-busy").Change(" 100 ");
        card.Find("form").Submit();
        card.WaitForAssertion(() => Assert.Contains("does not send its calls on to itself", card.Markup, StringComparison.Ordinal));
        Assert.Contains("\"busy\":\"100\"", context.Api.Asked.Single(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)).Body, StringComparison.Ordinal);
        Assert.Equal(" 100 ", card.Find("#forward-busy").GetAttribute("value"));      // what was typed stays
    }

    [Fact]
    public async Task The_platforms_settings_are_read_and_saved()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/plans", new Page<PlanDto>([new PlanDto { Name = "small", DisplayName = "Small", ForSignUp = true }], null));
        context.Api.On("GET /v1/platform/settings", new PlatformSettings { SignUp = true, Language = "en", Support = "help@example.com" });
        context.Api.On("PUT /v1/platform/settings", new PlatformSettings { SignUp = true, Language = "en" });
        var page = context.Bunit.Render<PlatformSettingsPage>();
        page.WaitForAssertion(() => Assert.Equal("help@example.com", page.Find("#platform-support").GetAttribute("value")));
        page.Find("#platform-emergency").Change("112, 110");
        page.Find("form").Submit();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "PUT /v1/platform/settings"));
        Assert.Contains("\"emergencyNumbers\":[\"112\",\"110\"]", context.Api.Asked.Single(asked => asked.Request.StartsWith("PUT", StringComparison.Ordinal)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calls_page_says_what_decided_where_it_went()
    {
        await using PortalContext context = new();
        CallRecordDto call = Calls.Record(CallDisposition.NoAnswer, 480, DateTime.UtcNow) with { Steps = [new("dialled", "101"), new("forward-no-answer", "101 → 102")] };
        context.Api.On($"GET /v1/tenants/acme/calls/{call.Id}", call);
        var page = context.Bunit.Render<CallPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Id, call.Id.ToString()));
        page.WaitForAssertion(() => Assert.Contains("Nobody answered, and the call was sent on: 101 → 102", page.Find("[data-testid=decision]").TextContent, StringComparison.Ordinal));
    }
}
