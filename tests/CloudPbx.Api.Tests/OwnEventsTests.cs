using CloudPbx.Api.Live;
using CloudPbx.Contracts.Api;
using CloudPbx.Contracts.Ids;
using CloudPbx.Contracts.Live;

namespace CloudPbx.Api.Tests;

public sealed class OwnEventsTests
{
    [Fact]
    public void A_user_is_told_of_their_own_extension_and_its_calls_alone()
    {
        OwnEvents own = new("100");
        LiveCallDto mine = Call("100", "101"), theirs = Call("102", "101");
        var snapshot = (LiveSnapshotDto)Told(own, new LiveSnapshotDto { Extensions = [Extension("100"), Extension("101")], Calls = [mine, theirs] })!;
        Assert.Equal("100", Assert.Single(snapshot.Extensions).Number);
        Assert.Equal(mine.Id, Assert.Single(snapshot.Calls).Id);
        Assert.NotNull(Told(own, Extension("100")));
        Assert.Null(Told(own, Extension("101")));
        Assert.Null(Told(own, theirs));
        Assert.Null(Told(own, new EndedCallDto { Id = theirs.Id }));
        Assert.NotNull(Told(own, new EndedCallDto { Id = mine.Id }));
        Assert.Null(Told(own, new EndedCallDto { Id = mine.Id }));
    }

    [Fact]
    public void A_call_that_somebody_else_answered_is_over_for_who_was_not_asked_any_more()
    {
        OwnEvents own = new("100");
        LiveCallDto call = Call("200", "100");
        Assert.Same(call, Told(own, call));
        LiveCallDto forwarded = call with { CalledNumber = "300", AnsweredBy = "300" };
        Assert.Equal(call.Id, Assert.IsType<EndedCallDto>(Told(own, forwarded)).Id);
        Assert.Null(Told(own, forwarded));
    }

    [Fact]
    public void Who_has_no_extension_is_told_of_nothing()
    {
        OwnEvents own = new("");
        Assert.Null(Told(own, Extension("100")));
        Assert.Null(Told(own, Call("", "100")));
    }

    private static object? Told(OwnEvents own, object data) => own.Of(new LiveEvent("event", data))?.Data;

    private static LiveExtensionDto Extension(string number) => new() { Number = number, Name = number, State = ExtensionState.Idle, Phones = [] };

    private static LiveCallDto Call(string from, string to) => new() { Id = CallId.New(), CallerNumber = from, CalledNumber = to, StartedAt = DateTime.UnixEpoch };
}
