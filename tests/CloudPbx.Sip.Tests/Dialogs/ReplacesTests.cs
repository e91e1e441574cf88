using CloudPbx.Sip.Dialogs;

namespace CloudPbx.Sip.Tests.Dialogs;

public class ReplacesTests
{
    [Theory]
    [InlineData("98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff", "98732@sip.example.com", "ff87ff", "r33th4x0r", false)]     // RFC 3891 §6.1
    [InlineData("12adf2f34456gs5;to-tag=12345;from-tag=54321;early-only", "12adf2f34456gs5", "12345", "54321", true)]
    [InlineData("c ; To-Tag=a ; x=y ; from-tag=b", "c", "a", "b", false)]
    public void A_value_names_a_dialog(string value, string callId, string toTag, string fromTag, bool earlyOnly) =>
        Assert.Equal(new Replaces(callId, toTag, fromTag, earlyOnly), Replaces.TryParse(value));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("c")]
    [InlineData("c;to-tag=a")]
    [InlineData("c;from-tag=b")]
    [InlineData(";to-tag=a;from-tag=b")]
    public void Anything_else_is_none(string? value) => Assert.Null(Replaces.TryParse(value));

    [Theory]
    [InlineData("c;to-tag=l;from-tag=r", true)]
    [InlineData("c;to-tag=r;from-tag=l", true)]
    [InlineData("C;to-tag=l;from-tag=r", false)]
    [InlineData("c;to-tag=l;from-tag=x", false)]
    [InlineData("c;to-tag=0;from-tag=r", false)]
    public void Call_ID_and_both_tags_have_to_fit(string value, bool expected) => Assert.Equal(expected, Replaces.TryParse(value)!.Names(new DialogId("c", "l", "r")));

    [Fact]
    public void A_tag_of_0_is_none() => Assert.True(Replaces.TryParse("c;to-tag=l;from-tag=0")!.Names(new DialogId("c", "l", "")));
}
