using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Portal.Components.Pages.Dashboard;
using CloudPbx.Portal.Components.Pages.Extensions;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPbx.Portal.Tests.Components;

/// <summary>Everybody at a glance, pushed and not polled.</summary>
public sealed class ExtensionBoardTests
{
    private const string Phone = """[ { "deviceId": "0193a0000000700080000000000000aa", "transport": "tls", "remoteAddress": "192.0.2.77:5061", "userAgent": "GNOME Calls", "registeredAt": "2026-11-26T07:00:00Z" } ]""";

    [Fact]
    public async Task The_board_shows_who_is_there_and_who_talks_with_whom_as_it_changes()
    {
        await using PortalContext context = new();
        using LiveStream stream = new();
        stream.Send("snapshot", $$"""{ "extensions": [ { "number": "100", "name": "Alice", "state": "idle", "phones": {{Phone}} } ], "calls": [] }""");
        context.Api.OnRaw("GET /v1/tenants/acme/live", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
        context.Api.On("GET /v1/tenants/acme/extensions", new Page<ExtensionDto>([Extension("1001", "Carol"), Extension("101", "Bob"), Extension("100", "Alice")], null));
        context.Bunit.Services.GetRequiredService<NavigationManager>().NavigateTo("/t/acme/extensions?view=board");
        var page = context.Bunit.Render<ExtensionListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Equal(["100", "101", "1001"], page.FindAll(".cp-tile strong").Select(tile => tile.TextContent)));
        page.WaitForAssertion(() => Assert.Equal("GNOME Calls · TLS", page.FindAll(".cp-tile")[0].QuerySelectorAll(".who")[1].TextContent));
        Assert.Contains("offline", page.FindAll(".cp-tile")[1].TextContent, StringComparison.Ordinal);
        stream.Send("extension", $$"""{ "number": "100", "name": "Alice", "state": "talking", "phones": {{Phone}} }""");
        stream.Send("call", """{ "id": "0193a0000000700080000000000000bb", "callerNumber": "100", "calledNumber": "101", "answeredBy": "101", "startedAt": "2026-11-26T07:00:00Z", "answeredAt": "2026-11-26T07:00:03Z" }""");
        page.WaitForAssertion(() => Assert.Contains("with 101", page.Find(".cp-tile.talking").TextContent, StringComparison.Ordinal));
        Assert.Contains("with 100", page.FindAll(".cp-tile")[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_list_has_those_who_are_there_on_the_board_though_it_was_not_read_to_them()
    {
        await using PortalContext context = new();
        using LiveStream stream = new();
        stream.Send("snapshot", $$"""{ "extensions": [ { "number": "900", "name": "Zoe", "state": "idle", "phones": {{Phone}} } ], "calls": [] }""");
        context.Api.OnRaw("GET /v1/tenants/acme/live", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
        context.Api.On("GET /v1/tenants/acme/extensions", new Page<ExtensionDto>([Extension("100", "Alice")], "more"));
        context.Bunit.Services.GetRequiredService<NavigationManager>().NavigateTo("/t/acme/extensions?view=board");
        var page = context.Bunit.Render<ExtensionListPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Equal(["100", "900"], page.FindAll(".cp-tile strong").Select(tile => tile.TextContent)));
    }

    [Fact]
    public async Task The_dashboard_says_how_phones_are_connected_and_how_calls_sounded()
    {
        await using PortalContext context = new();
        using LiveStream stream = new();
        stream.Send("snapshot", $$"""{ "extensions": [ { "number": "100", "name": "Alice", "state": "idle", "phones": {{Phone}} } ], "calls": [] }""");
        context.Api.OnRaw("GET /v1/tenants/acme/live", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
        context.Api.On("GET /v1/tenants/acme/extensions", new Page<ExtensionDto>([Extension("100", "Alice")], null));
        context.Api.On("GET /v1/tenants/acme/trunks-status", new Page<TrunkStatusDto>([], null));
        context.Api.On("GET /v1/tenants/acme/calls/hours", new CallHoursDto { Hours = [new CallHourDto { Start = DateTime.UnixEpoch, Answered = 1, Missed = 0 }], Sound = new CallSoundDto { Good = 1, Mos = 4.2 } });
        var page = context.Bunit.Render<DashboardPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains("TLS 1", Words("phones-by"), StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Contains("good 1", Words("quality"), StringComparison.Ordinal));
        Assert.Contains("4.2 on average", Words("quality"), StringComparison.Ordinal);

        string Words(string card) => string.Join(' ', page.Find($"[data-testid={card}]").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static ExtensionDto Extension(string number, string name) => new() { Id = ExtensionId.New(), Number = number, DisplayName = name, Recording = RecordingPolicy.Off, Forwards = CallForwards.None, Limits = ExtensionLimits.None };
}
