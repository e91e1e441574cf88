using AngleSharp.Dom;
using Bunit;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Events;
using CloudPbx.Contracts.Ids;
using CloudPbx.Portal.Components;
using CloudPbx.Portal.Components.Pages.Calls;
using CloudPbx.Portal.Components.Shared;
using CloudPbx.Portal.Languages;

namespace CloudPbx.Portal.Tests.Components;

public sealed class CallLadderTests
{
    [Fact]
    public async Task Each_message_is_an_arrow_between_its_party_and_us()
    {
        await using PortalContext context = new();
        IRenderedComponent<CallLadder> part = Show(context, Busy());
        Assert.Equal(["100", "CloudPbx", "101", "telco"], part.FindAll(".head strong").Select(head => head.TextContent));
        IReadOnlyList<IElement> arrows = part.FindAll(".arrow");
        Assert.Equal(["INVITE 101", "INVITE", "180 Ringing", "486 Busy Here", "not reached"], arrows.Select(arrow => arrow.QuerySelector("bdi")!.TextContent));
        Assert.Equal(["ask right", "ask right", "early left", "bad left dashed", "bad note"], arrows.Select(arrow => arrow.ClassName!["arrow ".Length..]));
        Assert.Equal(["grid-column:2/4", "grid-column:4/6", "grid-column:4/6", "grid-column:2/4", "grid-column:4/8"], arrows.Select(arrow => arrow.GetAttribute("style")));
        Assert.Equal("12 ms: CloudPbx to 101: INVITE", arrows[1].GetAttribute("aria-label"));
        Assert.Equal(["0 ms", "12 ms", "900 ms", "1.50 s", "1.60 s"], part.FindAll(".time").Select(time => time.TextContent));
    }

    [Fact]
    public async Task An_arrow_opens_what_its_message_said_and_closes_it_again()
    {
        await using PortalContext context = new();
        IRenderedComponent<CallLadder> part = Show(context, Busy());
        Assert.Empty(part.FindAll(".detail"));
        part.FindAll(".arrow")[3].Click();
        string detail = part.Find(".detail").TextContent;
        Assert.Equal("true", part.FindAll(".arrow")[3].GetAttribute("aria-expanded"));
        Assert.Contains("Q.850;cause=17", detail, StringComparison.Ordinal);
        Assert.Contains("399 phone", detail, StringComparison.Ordinal);
        Assert.Contains("sent once more", detail, StringComparison.Ordinal);
        part.FindAll(".arrow")[0].Click();
        Assert.Contains("PCMA, opus; both ways; encrypted (SDES)", part.Find(".detail").TextContent, StringComparison.Ordinal);
        Assert.Contains("sent, and not kept", part.Find(".detail").TextContent, StringComparison.Ordinal);
        part.FindAll(".arrow")[0].Click();
        Assert.Empty(part.FindAll(".detail"));
    }

    [Fact]
    public async Task The_same_is_there_as_a_table()
    {
        await using PortalContext context = new();
        IRenderedComponent<CallLadder> part = Show(context, Busy());
        part.FindAll(".cp-choice button")[1].Click();
        IReadOnlyList<IElement> rows = part.FindAll("[data-testid=ladder-table] tbody tr");
        Assert.Equal(5, rows.Count);
        Assert.Equal(["900 ms", "101", "CloudPbx", "180 Ringing"], rows[2].Children.Take(4).Select(cell => cell.TextContent.Trim()));
        Assert.Empty(part.FindAll(".arrow"));
    }

    [Fact]
    public async Task In_Chinese_its_own_words_are_Chinese()
    {
        await using PortalContext context = new("zh");
        IRenderedComponent<CallLadder> part = Show(context, Busy());
        Assert.Equal("SIP 消息", part.Find("h2").TextContent);
        Assert.Contains("话机", part.Find(".head span").TextContent, StringComparison.Ordinal);
        Assert.Equal("12 毫秒：CloudPbx 发给 101：INVITE", part.FindAll(".arrow")[1].GetAttribute("aria-label"));
    }

    [Fact]
    public async Task S22_a_strangers_words_are_text_and_stand_apart_from_ours()
    {
        await using PortalContext context = new();
        CallLadderDto ladder = Busy();
        const string hostile = "<script>alert(1)</script>";
        ladder = ladder with
        {
            Messages = [new LadderMessage { Leg = 0, FromParty = true, Method = "INVITE", Status = 400, Phrase = hostile, Warning = hostile }],
            Parties = [ladder.Parties[0] with { Name = hostile, Agent = hostile }],
        };
        IRenderedComponent<CallLadder> part = Show(context, ladder);
        part.Find(".arrow").Click();
        Assert.Empty(part.FindAll("script"));
        Assert.Equal("400 " + hostile, part.Find(".arrow bdi").TextContent);          // bdi: whatever direction it is written in, it ends there
        Assert.Equal(hostile, part.Find(".head bdi").TextContent);
        Assert.Contains(hostile, part.Find(".detail").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Addresses_have_a_column_only_where_they_were_told()
    {
        await using PortalContext context = new();
        Assert.Contains("192.0.2.1:5060", Show(context, Busy()).Find(".cp-parties").TextContent, StringComparison.Ordinal);
        CallLadderDto forUser = Busy();
        forUser = forUser with { Parties = [.. forUser.Parties.Select(party => party with { Address = null })] };
        Assert.DoesNotContain("Address", Show(context, forUser).Find(".cp-parties").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_page_of_a_call_has_the_ladder_and_the_steps_of_the_routing()
    {
        await using PortalContext context = new();
        CallRecordDto call = Calls.Record(CallDisposition.Busy, 486, DateTime.UtcNow, new LegMedia { Party = CallParty.Caller, PacketsReceived = 100, Mos = 4.3, RoundTripMilliseconds = 21 });
        context.Api.On($"GET /v1/tenants/acme/calls/{call.Id}", call with { Steps = [new RoutingStepDto("extension", "101")] });
        context.Api.On($"GET /v1/tenants/acme/calls/{call.Id}/ladder", Busy());
        IRenderedComponent<CallPage> page = context.Bunit.Render<CallPage>(parameters => parameters.Add(p => p.Tenant, "acme").Add(p => p.Id, call.Id.ToString()));
        page.WaitForAssertion(() => Assert.Equal(5, page.FindAll(".arrow").Count));
        Assert.Contains("101 is an extension.", page.Find("[data-testid=decision]").TextContent, StringComparison.Ordinal);
        Assert.Contains("good (4.3)", page.Markup, StringComparison.Ordinal);
        Assert.Contains("21 ms", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_without_messages_says_so()
    {
        await using PortalContext context = new();
        Assert.Contains("No SIP messages were kept", Show(context, Busy() with { Messages = [], Parties = [] }).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_missing_is_said()
    {
        await using PortalContext context = new();
        string page = Show(context, Busy() with { IsShortened = true, Omitted = 7, LostUntil = 65_000 }).Markup;
        Assert.Contains("only what made it and what ended it", page, StringComparison.Ordinal);
        Assert.Contains("7 more messages", page, StringComparison.Ordinal);
        Assert.Contains("first 1:05 is lost", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "ask")]
    [InlineData(183, "early")]
    [InlineData(200, "good")]
    [InlineData(302, "early")]
    [InlineData(401, "early")]
    [InlineData(407, "early")]
    [InlineData(487, "early")]
    [InlineData(404, "bad")]
    [InlineData(503, "bad")]
    [InlineData(603, "bad")]
    public void The_class_of_an_answer_follows_its_status(int status, string expected) => Assert.Equal(expected, LadderView.ClassOf(new LadderMessage { Method = "INVITE", Status = status }));

    private static IRenderedComponent<CallLadder> Show(PortalContext context, CallLadderDto ladder) => context.Bunit.Render<CallLadder>(parameters => parameters.Add(p => p.Ladder, ladder));

    private static CallLadderDto Busy() => new()
    {
        Id = CallId.New(),
        StartedAt = new DateTime(2026, 11, 26, 7, 0, 0, DateTimeKind.Utc),
        IsShortened = false,
        Omitted = 0,
        Parties =
        [
            new LadderParty { Leg = 0, Side = CallParty.Caller, Kind = LadderPartyKind.Phone, Name = "100", Transport = "TLS", Address = "192.0.2.1:5060", Agent = "baresip", CallId = "abc" },
            new LadderParty { Leg = 1, Side = CallParty.Callee, Kind = LadderPartyKind.Phone, Name = "101", Transport = "UDP", Address = "192.0.2.2:5060" },
            new LadderParty { Leg = 2, Side = CallParty.Callee, Kind = LadderPartyKind.Trunk, Name = "telco", Number = "+49301" },
        ],
        Messages =
        [
            new LadderMessage
            {
                At = 0, Leg = 0, FromParty = true, Method = "INVITE", CSeq = 2, Target = "101", HasCredentials = true,
                Media = new LadderMedia { Codecs = ["PCMA", "opus"], Direction = LadderDirection.SendReceive, Security = LadderSecurity.Sdes },
            },
            new LadderMessage { At = 12, Leg = 1, Method = "INVITE", CSeq = 1 },
            new LadderMessage { At = 900, Leg = 1, FromParty = true, Method = "INVITE", CSeq = 1, Status = 180, Phrase = "Ringing" },
            new LadderMessage { At = 1500, Leg = 0, Method = "INVITE", CSeq = 2, Status = 486, Phrase = "Busy Here", Reason = "Q.850;cause=17", Warning = "399 phone", Repeats = 1 },
            new LadderMessage { At = 1600, Leg = 2, Note = "No server" },
            new LadderMessage { At = 1700, Leg = 9, Method = "BYE" },                   // whose party is not there is not drawn
        ],
    };
}
