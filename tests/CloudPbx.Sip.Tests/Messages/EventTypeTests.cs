using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

/// <summary>The Event header field (RFC 6665 §8.2.1).</summary>
public class EventTypeTests
{
    [Theory]
    [InlineData("dialog", "dialog", null, "dialog")]
    [InlineData("dialog;id=abc", "dialog", "abc", "dialog;id=abc")]
    [InlineData("dialog ; ID = 7 ;sla", "dialog", "7", "dialog;id=7")]
    [InlineData("presence.winfo;foo=bar", "presence.winfo", null, "presence.winfo")]
    public void A_value_is_read(string value, string package, string? id, string written)
    {
        EventType type = EventType.TryParse(value)!;
        Assert.Equal((package, id, written), (type.Package, type.Id, type.ToString()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("dia log")]
    [InlineData(";id=1")]
    [InlineData("dialog;id")]
    [InlineData("dialog;id=a b")]
    [InlineData("dialog;id=<x>")]
    public void What_is_none_is_none(string? value) => Assert.Null(EventType.TryParse(value));

    [Fact]
    public void An_id_as_long_as_an_attacker_likes_is_none() => Assert.Null(EventType.TryParse("dialog;id=" + new string('a', 129)));

    [Theory]
    [InlineData("dialog;id=a", "dialog;id=a;x=y", true)]
    [InlineData("dialog;id=a", "dialog;id=A", false)]
    [InlineData("dialog", "dialog;id=a", false)]
    [InlineData("dialog", "Dialog", false)]
    public void Two_name_the_same_by_package_and_id_octet_by_octet(string one, string other, bool same) =>
        Assert.Equal(same, EventType.TryParse(one)!.IsSame(EventType.TryParse(other)!));
}
