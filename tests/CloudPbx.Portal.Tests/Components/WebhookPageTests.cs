using System.Net;
using System.Text.Json;
using Bunit;
using Bunit.TestDoubles;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

public sealed class WebhookPageTests
{
    private static readonly WebhookDto s_hook = new()
    {
        Id = WebhookId.New(), Name = "CRM", Url = "https://crm.example/hook", Types = ["call.ended"], Enabled = true, CreatedAt = new DateTime(2026, 11, 23, 8, 0, 0, DateTimeKind.Utc),
    };

    [Fact]
    public async Task No_webhooks_yet_teaches_what_they_are_for()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/webhooks", new Page<WebhookDto>([], null));
        var page = context.Bunit.Render<WebhookListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains("repeated for three days", page.Markup, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en", "switched off:")]
    [InlineData("zh-CN", "已被停用：")]
    public async Task One_that_was_switched_off_says_why(string language, string words)
    {
        await using PortalContext context = new(language);
        context.Api.On("GET /v1/tenants/acme/webhooks", new Page<WebhookDto>([s_hook with { Enabled = false, DisabledReason = "The receiver answered 410: it is gone." }], null));
        var page = context.Bunit.Render<WebhookListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains(words, page.Markup, StringComparison.Ordinal));
        Assert.Contains("410", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_webhooks_secret_is_shown_once_and_a_wrong_address_is_told_beside_its_field()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/webhooks", new Page<WebhookDto>([], null));
        context.Api.OnProblem("POST /v1/tenants/acme/webhooks", 400, "validation", new Dictionary<string, string[]> { ["$.url"] = ["Must be a URL such as \"https://example.com/hook\"."] });
        var page = context.Bunit.Render<WebhookListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#webhook-name").Change("CRM");
        context.Dialogs.Find("#webhook-url").Change("nowhere");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("Must be a URL such as", context.Dialogs.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.Equal("CRM", context.Dialogs.Find("#webhook-name").GetAttribute("value"));

        context.Api.On("POST /v1/tenants/acme/webhooks", s_hook with { Secret = "whsec_only-once" }, HttpStatusCode.Created);
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForElement("button[aria-label='Show Secret'], .cp-copy").Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("whsec_only-once", context.Dialogs.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_shows_status_time_and_fault_and_sends_again_what_is_asked_for()
    {
        await using PortalContext context = new();
        WebhookDeliveryDto failed = new()
        {
            Id = "0193a0000000700080000000000000cc", EventId = "evt_1", Type = "call.ended", State = DeliveryState.Pending, Replay = false, Attempts = 2, CreatedAt = s_hook.CreatedAt, LastAttemptAt = s_hook.CreatedAt,
            NextAttemptAt = s_hook.CreatedAt.AddMinutes(2), Status = 503, Milliseconds = 42, Error = "The receiver answered 503.", Payload = JsonSerializer.SerializeToElement(new { type = "call.ended" }),
        };
        context.Api.On($"GET /v1/tenants/acme/webhooks/{s_hook.Id}", s_hook);
        context.Api.On($"GET /v1/tenants/acme/webhooks/{s_hook.Id}/deliveries", new Page<WebhookDeliveryDto>([failed], null));
        context.Api.On($"POST /v1/tenants/acme/webhooks/{s_hook.Id}/deliveries/{failed.Id}/replay", failed with { Replay = true }, HttpStatusCode.Accepted);
        var page = context.Bunit.Render<WebhookPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Id, s_hook.Id.ToString()));
        page.WaitForAssertion(() => Assert.Contains("503", page.Find("tbody").TextContent, StringComparison.Ordinal));
        Assert.Contains("42 ms", page.Find("tbody").TextContent, StringComparison.Ordinal);
        Assert.Contains("The receiver answered 503.", page.Find("tbody").TextContent, StringComparison.Ordinal);
        page.Find("tbody button").Click();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request.EndsWith("/replay", StringComparison.Ordinal)));
    }
}
