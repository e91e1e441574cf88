using System.Text.Json;
using CloudPbx.Contracts.Live;
using CloudPbx.Portal.Live;

namespace CloudPbx.Portal.Tests.Live;

public sealed class LiveViewTests
{
    private const string Device = "0193a0000000700080000000000000aa", Call = "0193a0000000700080000000000000bb";

    private const string Snapshot = $$"""
        { "extensions": [
            { "number": "100", "name": "Alice", "state": "idle", "phones": [ { "deviceId": "{{Device}}", "transport": "tls", "remoteAddress": "192.0.2.7:5061", "userAgent": "Calls", "registeredAt": "2026-11-26T07:00:00Z" } ] },
            { "number": "101", "name": "Bob", "state": "offline", "phones": [] } ],
          "calls": [ { "id": "{{Call}}", "callerNumber": "100", "calledNumber": "*43", "startedAt": "2026-11-26T07:01:00Z" } ] }
        """;

    [Fact]
    public void A_snapshot_is_the_whole()
    {
        LiveView view = LiveView.Empty.After("snapshot", Snapshot)!;
        Assert.Equal(ExtensionState.Idle, view.Extensions["100"].State);
        Assert.Equal("192.0.2.7:5061", Assert.Single(view.Phones).Phone.RemoteAddress);
        Assert.Equal("*43", Assert.Single(view.Calls).CalledNumber);
        Assert.Empty(view.After("snapshot", """{ "extensions": [], "calls": [] }""")!.Extensions);
    }

    [Fact]
    public void An_extension_that_changed_replaces_what_was_known_of_it_alone()
    {
        LiveView view = LiveView.Empty.After("snapshot", Snapshot)!
            .After("extension", """{ "number": "100", "name": "Alice", "state": "offline", "phones": [] }""")!;
        Assert.Empty(view.Extensions);                                       // who is offline needs no place
        Assert.Empty(view.Phones);
    }

    [Fact]
    public void A_call_is_changed_in_its_place_and_goes_when_it_ends()
    {
        LiveView view = LiveView.Empty.After("snapshot", Snapshot)!
            .After("call", $$"""{ "id": "{{Call}}", "callerNumber": "100", "calledNumber": "*43", "answeredBy": "*43", "startedAt": "2026-11-26T07:01:00Z", "answeredAt": "2026-11-26T07:01:02Z" }""")!;
        Assert.NotNull(Assert.Single(view.Calls).AnsweredAt);
        Assert.Empty(view.After("callEnded", $$"""{ "id": "{{Call}}" }""")!.Calls);
    }

    [Theory]
    [InlineData("ping")]
    [InlineData("somethingNew")]
    public void What_tells_nothing_changes_nothing(string type) => Assert.Null(LiveView.Empty.After(type, "{}"));

    [Fact]
    public void An_event_that_is_no_JSON_is_a_fault_of_the_stream() => Assert.Throws<JsonException>(() => LiveView.Empty.After("call", "{"));
}
