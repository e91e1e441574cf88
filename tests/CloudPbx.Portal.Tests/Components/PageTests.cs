using System.Net;
using System.Security.Claims;
using System.Text.Json;
using Bunit;
using Bunit.TestDoubles;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.ApiClient;
using CloudPbx.Portal.Components.Layout;
using CloudPbx.Portal.Components.Pages.Calls;
using CloudPbx.Portal.Components.Pages.Extensions;
using CloudPbx.Portal.Components.Pages.Routes;
using CloudPbx.Portal.SignIn;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

public sealed class PageTests
{
    private const string Device = "0193a0000000700080000000000000aa";

    [Fact]
    public async Task No_extensions_yet_teaches_what_an_extension_is()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/extensions", new Page<ExtensionDto>([], null));
        var page = context.Bunit.Render<ExtensionListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains("Each person gets a number", page.Markup, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en", "Must be 2 to 8 digits, for example \"100\".")]
    [InlineData("zh-CN", "须为 2 到 8 位数字")]
    public async Task A_wrong_number_is_told_beside_the_field_in_the_users_language_and_nothing_typed_is_lost(string language, string sentence)
    {
        await using PortalContext context = new(language);
        context.Api.On("GET /v1/tenants/acme/extensions", new Page<ExtensionDto>([], null));
        context.Api.OnProblem("POST /v1/tenants/acme/extensions", 400, "validation", new Dictionary<string, string[]> { ["$.number"] = ["Must be 2 to 8 digits, for example \"100\"."] });
        var page = context.Bunit.Render<ExtensionListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#number").Change("x");
        context.Dialogs.Find("#name").Change("Alice");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains(sentence, context.Dialogs.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.Equal("Alice", context.Dialogs.Find("#name").GetAttribute("value"));
    }

    [Fact]
    public async Task A_session_that_ended_leads_to_signing_in_and_back()
    {
        await using PortalContext context = new();
        context.Api.Token = null;
        context.Bunit.Services.GetRequiredService<NavigationManager>().NavigateTo("/t/acme/extensions");
        context.Bunit.Render<ExtensionListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        Assert.EndsWith("/signin?return=%2Ft%2Facme%2Fextensions", context.Bunit.Services.GetRequiredService<BunitNavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_is_away_is_said_with_calls_going_on()
    {
        await using PortalContext context = new();
        context.Api.OnProblem("GET /v1/tenants/acme/extensions", 503, "database-away");
        var page = context.Bunit.Render<ExtensionListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains("Calls go on", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_light_turns_green_when_that_phone_registers_and_not_when_another_does()
    {
        await using PortalContext context = new();
        using LiveStream stream = new();
        stream.Send("snapshot", """{ "extensions": [ { "number": "100", "name": "Alice", "state": "offline", "phones": [] } ], "calls": [] }""");
        context.Api.OnRaw("GET /v1/tenants/acme/live", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
        context.Api.On("GET /v1/tenants/acme", new TenantDto { Id = TenantId.New(), Name = "acme", Language = "en", RingSeconds = 60, IsDefault = true, HoldMusic = true, Announcements = false, RecordingNotice = RecordingNotice.None, ConfigVersion = 1, CreatedAt = DateTime.UnixEpoch });
        context.Api.On("GET /v1/tenants/acme/extensions/100", new ExtensionDto { Id = ExtensionId.New(), Number = "100", DisplayName = "Alice", Recording = RecordingPolicy.Off, Forwards = CallForwards.None, Limits = ExtensionLimits.None });
        context.Api.On("GET /v1/tenants/acme/devices", new Page<DeviceDto>([], null));
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([new DomainDto("acme.example", true)], null));
        context.Api.On("GET /v1/tenants/acme/calls", new Page<CallRecordDto>([], null));
        context.Api.On("POST /v1/tenants/acme/devices", new { id = Device, extension = "100", name = "Phone", authUser = "100", encryption = "optional", digestSha256 = false, secret = "only-once-here" }, HttpStatusCode.Created);
        context.Bunit.Services.GetRequiredService<NavigationManager>().NavigateTo("/t/acme/extensions/100?connect=1");
        var page = context.Bunit.Render<ExtensionPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Number, "100"));
        page.WaitForAssertion(() => Assert.Contains("Waiting for this phone", page.Find("[data-testid=light]").TextContent, StringComparison.Ordinal));
        Assert.DoesNotContain("only-once-here", page.Find("[data-field=password]").TextContent, StringComparison.Ordinal);     // hidden until asked for
        Assert.Equal("192.0.2.1", page.Find("[data-field=server]").TextContent);
        stream.Send("extension", Registered("0193a0000000700080000000000000ff"));
        stream.Send("extension", """{ "number": "101", "name": "Bob", "state": "idle", "phones": [] }""");
        page.WaitForAssertion(() => Assert.Contains("idle", page.Find(".cp-head").TextContent, StringComparison.Ordinal));
        Assert.Contains("Waiting", page.Find("[data-testid=light]").TextContent, StringComparison.Ordinal);
        stream.Send("extension", Registered(Device));
        page.WaitForAssertion(() => Assert.Contains("GNOME Calls over TLS from 192.0.2.77:5061", page.Find("[data-testid=light]").TextContent, StringComparison.Ordinal));

        static string Registered(string device) =>
            $$"""{ "number": "100", "name": "Alice", "state": "idle", "phones": [ { "deviceId": "{{device}}", "transport": "tls", "remoteAddress": "192.0.2.77:5061", "userAgent": "GNOME Calls", "registeredAt": "2026-11-26T07:00:00Z", "latencyMilliseconds": 24 } ] }""";
    }

    [Fact]
    public async Task An_extensions_own_limits_are_set_in_its_form_and_the_rest_of_it_stays()
    {
        await using PortalContext context = new();
        CallForwards forwards = new() { Busy = "101" };
        ExtensionDto extension = new()
        {
            Id = ExtensionId.New(), Number = "100", DisplayName = "Alice", Recording = RecordingPolicy.Off, Forwards = forwards, Limits = new ExtensionLimits { MaxOutsideCalls = 2, MicroUnitsPerDay = 1_500_000 },
        };
        context.Api.On("GET /v1/tenants/acme", new TenantDto { Id = TenantId.New(), Name = "acme", Language = "en", RingSeconds = 60, IsDefault = true, HoldMusic = true, Announcements = false, RecordingNotice = RecordingNotice.None, ConfigVersion = 1, CreatedAt = DateTime.UnixEpoch });
        context.Api.On("GET /v1/tenants/acme/extensions/100", extension);
        context.Api.On("PUT /v1/tenants/acme/extensions/100", extension);
        context.Api.On("GET /v1/tenants/acme/devices", new Page<DeviceDto>([], null));
        context.Api.On("GET /v1/tenants/acme/domains", new Page<DomainDto>([new DomainDto("acme.example", true)], null));
        context.Api.On("GET /v1/tenants/acme/calls", new Page<CallRecordDto>([], null));
        var page = context.Bunit.Render<ExtensionPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Number, "100"));
        Assert.Equal("2", page.WaitForElement("#limit-calls").GetAttribute("value"));
        Assert.Equal(1.5m, decimal.Parse(page.Find("#limit-money").GetAttribute("value")!, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal("as the settings say for each", page.Find("#limit-minutes").GetAttribute("placeholder"));
        page.Find("#limit-calls").Change("");
        page.Find("#limit-minutes").Change("90");
        page.Find("#limit-money").Change("0.25");
        page.Find("section[aria-labelledby=details] form").Submit();
        page.WaitForAssertion(() => Assert.Contains(context.Api.Asked, asked => asked.Request == "PUT /v1/tenants/acme/extensions/100"));
        NewExtension sent = JsonSerializer.Deserialize<NewExtension>(context.Api.Asked.Single(asked => asked.Request == "PUT /v1/tenants/acme/extensions/100").Body!, PbxApi.Json)!;
        Assert.Equal((new ExtensionLimits { OutsideMinutesPerDay = 90, MicroUnitsPerDay = 250_000 }, forwards), (sent.Limits, sent.Forwards));
    }

    [Fact]
    public async Task A_failed_call_tells_its_story()
    {
        await using PortalContext context = new();
        CallRecordDto call = Calls.Record(CallDisposition.Failed, 404, DateTime.UtcNow);
        context.Api.On($"GET /v1/tenants/acme/calls/{call.Id}", call);
        var page = context.Bunit.Render<CallPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Id, call.Id.ToString()));
        page.WaitForAssertion(() => Assert.Contains("There is no 101 to call.", page.Find(".cp-note").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dry_run_is_drawn_step_by_step()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/trunks", new Page<TrunkDto>([], null));
        context.Api.On("GET /v1/tenants/acme/routing", new RoutingDto
        {
            Steps = [new("dialled", "101"), new("extension", "101"), new("a-new-rule", "7")], Trunks = [], FailoverOn = [], Emergency = false, Extension = "101",
        });
        var part = context.Bunit.Render<DryRun>(parameters => parameters.Add(p => p.Tenant, "acme"));
        part.Find("#dry-from").Change("100");
        part.Find("#dry-to").Change("101");
        part.Find("form").Submit();
        part.WaitForAssertion(() => Assert.Equal(
            ["101 is dialled.dialled", "101 is an extension.extension", "a-new-rule: 7a-new-rule", "The phones of extension 101 ring."],
            part.FindAll("[data-testid=dry-run] li").Select(step => step.TextContent.Trim())));
    }

    [Theory]
    [InlineData("administrator", false)]
    [InlineData("reseller", true)]
    [InlineData("operator", true)]
    public async Task The_navigation_shows_what_the_role_may_do(string role, bool tenants)
    {
        await using PortalContext context = new();
        UserFacts user = UserFacts.Of(new ClaimsPrincipal(new ClaimsIdentity([new Claim("role", role), new Claim("tenant", "acme")])));
        var menu = context.Bunit.Render<NavMenu>(parameters => parameters.Add(p => p.User, user).Add(p => p.Tenant, "acme"));
        Assert.Equal(tenants, menu.Markup.Contains("platform/tenants", StringComparison.Ordinal));
        Assert.Equal(role == "operator", menu.Markup.Contains("platform/bans", StringComparison.Ordinal));
        Assert.Contains("t/acme/extensions", menu.Markup, StringComparison.Ordinal);
    }
}
