using System.Net;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components.Pages.Conferences;

namespace CloudPbx.Portal.Tests.Components;

public sealed class ConferencesPageTests
{
    private static readonly ConferenceDto s_room = new() { Id = ConferenceId.New(), Number = "600", Name = "Monday", Pin = "4711", EntryTones = true, Locked = false };

    [Theory]
    [InlineData("en", "No conference room yet")]
    [InlineData("zh-CN", "还没有会议室")]
    public async Task No_rooms_yet_teaches_what_they_are_for(string language, string words)
    {
        await using PortalContext context = new(language);
        context.Api.On("GET /v1/tenants/acme/conferences", new Page<ConferenceDto>([], null));
        var page = context.Bunit.Render<ConferencesPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Contains(words, page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Who_is_in_the_room_comes_and_goes_as_it_happens()
    {
        await using PortalContext context = new();
        using LiveStream stream = new();
        stream.Send("snapshot", """{ "extensions": [], "calls": [] }""");
        context.Api.OnRaw("GET /v1/tenants/acme/live", () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(stream.Reader) });
        context.Api.On("GET /v1/tenants/acme/conferences", new Page<ConferenceDto>([s_room], null));
        var page = context.Bunit.Render<ConferencesPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForAssertion(() => Assert.Equal("Nobody", page.Find("[data-testid=inside]").TextContent.Trim()));
        stream.Send("call", Live("0193a0000000700080000000000000a1", "100", "Alice", "600"));
        stream.Send("call", Live("0193a0000000700080000000000000a2", "101", "Bob", "102"));
        page.WaitForAssertion(() => Assert.Equal("1 Alice", Words(page.Find("[data-testid=inside]").TextContent)));
        Assert.Empty(page.FindAll("[data-testid=speaking]"));
        stream.Send("call", Live("0193a0000000700080000000000000a1", "100", "Alice", "600").Replace("\"direction\"", "\"isSpeaking\": true, \"direction\"", StringComparison.Ordinal));
        page.WaitForAssertion(() => Assert.Equal("Alice speaking", page.Find("[data-testid=speaking]").TextContent.Trim()));
        stream.Send("callEnded", """{ "id": "0193a0000000700080000000000000a1" }""");
        page.WaitForAssertion(() => Assert.Equal("Nobody", page.Find("[data-testid=inside]").TextContent.Trim()));

        static string Live(string id, string from, string name, string answeredBy) =>
            $$"""{ "id": "{{id}}", "callerNumber": "{{from}}", "callerName": "{{name}}", "calledNumber": "{{answeredBy}}", "answeredBy": "{{answeredBy}}", "direction": "internal", "startedAt": "2026-11-26T07:00:00Z", "answeredAt": "2026-11-26T07:00:01Z" }""";

        static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_room_is_made_and_a_wrong_PIN_is_told_beside_its_field()
    {
        await using PortalContext context = new();
        context.Api.On("GET /v1/tenants/acme/conferences", new Page<ConferenceDto>([], null));
        context.Api.OnProblem("POST /v1/tenants/acme/conferences", 400, "validation", new Dictionary<string, string[]> { ["$.pin"] = ["Must be 4 to 12 digits, for example \"4711\"."] });
        var page = context.Bunit.Render<ConferencesPage>(parameters => parameters.Add(p => p.Tenant, "acme"));
        page.WaitForElement(".cp-head button").Click();
        context.Dialogs.WaitForElement("#room-number").Change("600");
        context.Dialogs.Find("#room-pin").Change("12");
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        context.Dialogs.WaitForAssertion(() => Assert.Contains("Must be 4 to 12 digits", context.Dialogs.Find(".mud-dialog").TextContent, StringComparison.Ordinal));
        Assert.Equal("600", context.Dialogs.Find("#room-number").GetAttribute("value"));
        context.Api.On("POST /v1/tenants/acme/conferences", s_room, HttpStatusCode.Created);
        context.Api.On("GET /v1/tenants/acme/conferences", new Page<ConferenceDto>([s_room], null));
        context.Dialogs.FindAll(".mud-dialog-actions button")[^1].Click();
        page.WaitForAssertion(() => Assert.Contains("Monday", page.Find("[data-testid=conferences]").TextContent, StringComparison.Ordinal));
    }
}
