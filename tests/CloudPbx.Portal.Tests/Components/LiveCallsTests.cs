using System.Net;
using System.Security.Claims;
using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Extensions;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Live;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>What can be done to live calls.</summary>
public sealed class LiveCallsTests
{
    private const string Call = "0193a0000000700080000000000000c1", Supervisor = "0193a0000000700080000000000000c2";

    [Theory]
    [InlineData("Hold for 100", "hold", """{"party":"caller"}""")]
    [InlineData("Mute 101", "mute", """{"party":"callee"}""")]
    [InlineData("Record", "recording", """{"step":"start"}""")]
    public async Task A_call_is_held_muted_and_recorded_from_its_menu(string item, string route, string body)
    {
        await using PortalContext context = new();
        using LiveStream stream = Show(context, "\"isConversation\": true");
        context.Api.On($"POST /v1/tenants/acme/calls/live/{Call}/{route}", new { }, HttpStatusCode.NoContent);
        var page = Render(context);
        Pick(context, page, item);
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == $"POST /v1/tenants/acme/calls/live/{Call}/{route}" && Same(asked.Body, body)));
    }

    [Theory]
    [InlineData("\"callerHolds\": true", "on hold", "Let 100 talk again", "resume")]
    [InlineData("\"calleeMuted\": true", "muted", "Unmute 101", "unmute")]
    [InlineData("\"recording\": \"running\"", "recorded", "Pause the recording", "recording")]
    [InlineData("\"recording\": \"paused\"", "recording paused", "Resume the recording", "recording")]
    public async Task What_is_so_is_shown_and_can_be_undone(string state, string mark, string item, string route)
    {
        await using PortalContext context = new();
        using LiveStream stream = Show(context, "\"isConversation\": true, " + state);
        context.Api.On($"POST /v1/tenants/acme/calls/live/{Call}/{route}", new { }, HttpStatusCode.NoContent);
        var page = Render(context);
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".cp-chip"), chip => chip.TextContent == mark));
        Pick(context, page, item);
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == $"POST /v1/tenants/acme/calls/live/{Call}/{route}"));
    }

    [Fact]
    public async Task A_party_alone_can_be_recorded_and_nothing_else()
    {
        await using PortalContext context = new();
        using LiveStream stream = Show(context, "\"isConversation\": false", supervision: true);
        var page = Render(context);
        page.WaitForElement("tbody .mud-menu button").Click();
        context.Popovers.WaitForAssertion(() => Assert.Equal(["Record"], Items(context)));
    }

    [Theory]
    [InlineData("en", "Transfer")]
    [InlineData("zh-CN", "转接")]
    public async Task A_call_is_transferred_and_a_wrong_number_is_told_beside_the_field(string language, string item)
    {
        await using PortalContext context = new(language);
        using LiveStream stream = Show(context, "\"isConversation\": true");
        context.Api.OnProblem($"POST /v1/tenants/acme/calls/live/{Call}/transfer", 400, "validation", new Dictionary<string, string[]> { ["$.number"] = ["Must be 1 to 32 digits, '*' and '#', with '+' at the beginning if at all."] });
        var page = Render(context);
        Pick(context, page, item);
        context.Dialogs.WaitForElement("#transfer-number").Change("x");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.NotEmpty(context.Dialogs.FindAll(".mud-input-error")));
        context.Api.On($"POST /v1/tenants/acme/calls/live/{Call}/transfer", new { }, HttpStatusCode.Accepted);
        context.Dialogs.Find("#transfer-number").Change("102");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Empty(context.Dialogs.FindAll("#transfer-number")));
        Assert.True(Same(context.Api.Asked.Last(asked => asked.Request.EndsWith("/transfer", StringComparison.Ordinal)).Body, """{"number":"102","leaving":"callee"}"""));
    }

    [Fact]
    public async Task Listening_is_offered_where_the_tenant_permits_it_and_rings_the_supervisors_phone()
    {
        await using PortalContext context = new();
        using LiveStream stream = Show(context, "\"isConversation\": true", supervision: true);
        context.Api.On($"POST /v1/tenants/acme/calls/live/{Call}/supervision", new LiveCallDto { Id = CallId.New(), CallerNumber = "102", CalledNumber = "supervision", StartedAt = DateTime.UnixEpoch }, HttpStatusCode.Accepted);
        var page = Render(context);
        Pick(context, page, "Listen");
        context.Dialogs.WaitForElement("#supervisor").Change("102");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Empty(context.Dialogs.FindAll("#supervisor")));
        Assert.True(Same(context.Api.Asked.Single(asked => asked.Request.EndsWith("/supervision", StringComparison.Ordinal)).Body, """{"supervisor":"102","mode":"listen"}"""));
    }

    [Fact]
    public async Task Listening_is_not_offered_where_the_tenant_does_not_permit_it()
    {
        await using PortalContext context = new();
        using LiveStream stream = Show(context, "\"isConversation\": true", supervision: false);
        var page = Render(context);
        page.WaitForElement("tbody .mud-menu button").Click();
        context.Popovers.WaitForAssertion(() => Assert.NotEmpty(Items(context)));
        Assert.DoesNotContain("Listen", Items(context));
    }

    [Fact]
    public async Task A_supervision_is_shown_and_its_mode_is_changed()
    {
        await using PortalContext context = new();
        using LiveStream stream = Show(context, $"\"supervises\": \"{Call}\", \"supervision\": \"listen\"", id: Supervisor);
        context.Api.On($"PUT /v1/tenants/acme/calls/live/{Call}/supervision/{Supervisor}", new { }, HttpStatusCode.NoContent);
        var page = Render(context);
        page.WaitForAssertion(() => Assert.Contains(page.FindAll(".cp-chip"), chip => chip.TextContent == "listens"));
        Pick(context, page, "whispers");
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request.StartsWith("PUT ", StringComparison.Ordinal) && Same(asked.Body, """{"mode":"whisper"}""")));
    }

    [Fact]
    public async Task An_extension_calls_by_a_button()
    {
        await using PortalContext context = new();
        context.Api.On("POST /v1/tenants/acme/calls/live", new LiveCallDto { Id = CallId.New(), CallerNumber = "100", CalledNumber = "101", StartedAt = DateTime.UnixEpoch }, HttpStatusCode.Accepted);
        MudBlazor.IDialogService dialogs = context.Bunit.Services.GetRequiredService<MudBlazor.IDialogService>();
        await context.Dialogs.InvokeAsync(() => dialogs.ShowAsync<NewCallDialog>("", new MudBlazor.DialogParameters<NewCallDialog> { { x => x.Tenant, "acme" }, { x => x.From, "100" } }));
        context.Dialogs.WaitForElement("#call-to").Change("101");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Empty(context.Dialogs.FindAll("#call-to")));
        Assert.True(Same(context.Api.Asked.Single(asked => asked.Request == "POST /v1/tenants/acme/calls/live").Body, """{"from":"100","to":"101"}"""));
    }

    private static LiveStream Show(PortalContext context, string state, bool supervision = false, string id = Call)
    {
        LiveStream stream = new();
        stream.Send("snapshot", $$"""
            { "extensions": [], "calls": [ { "id": "{{id}}", "callerNumber": "100", "calledNumber": "101", "answeredBy": "101", "direction": "internal",
              "startedAt": "2026-11-23T08:00:00Z", "answeredAt": "2026-11-23T08:00:05Z", {{state}} } ] }
            """.ReplaceLineEndings(" "));
        context.Api.OnRaw("GET /v1/tenants/acme/live", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
        context.Api.On("GET /v1/tenants/acme", new TenantDto
        {
            Id = TenantId.New(), Name = "acme", Language = "en", RingSeconds = 60, IsDefault = true, HoldMusic = true, Announcements = false, RecordingNotice = RecordingNotice.None, AllowSupervision = supervision, ConfigVersion = 1, CreatedAt = DateTime.UnixEpoch,
        });
        return stream;
    }

    private static IRenderedComponent<LiveCalls> Render(PortalContext context)
    {
        LiveTenant live = context.Bunit.Services.GetRequiredService<LiveTenant>();
        live.Watch("acme");
        var page = context.Bunit.Render<LiveCalls>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Live, live));
        // The page around it does so.
        live.Changed += () => _ = page.InvokeAsync(() => page.Render(parameters => parameters.Add(p => p.Live, live)));
        return page;
    }

    // Not awaited: who opens a dialog waits for its end.
    private static void Pick(PortalContext context, IRenderedComponent<LiveCalls> page, string item)
    {
        page.WaitForElement("tbody .mud-menu button").Click();
        context.Popovers.WaitForAssertion(() => Assert.Contains(item, Items(context)));
        context.Popovers.FindAll(".mud-menu-item").Single(found => found.TextContent.Trim() == item).Click();
    }

    private static List<string> Items(PortalContext context) => [.. context.Popovers.FindAll(".mud-menu-item").Select(item => item.TextContent.Trim())];

    private static bool Same(string? one, string other) =>
        one is not null && JsonElement.DeepEquals(JsonSerializer.Deserialize<JsonElement>(one), JsonSerializer.Deserialize<JsonElement>(other));
}
