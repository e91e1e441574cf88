using System.Text;
using System.Xml.Linq;
using CloudPbx.CallControl.Presence;
using CloudPbx.Contracts.Live;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Presence;

/// <summary>The bodies of NOTIFYs (RFC 4235 §4), against its schema.</summary>
public class DialogInfoTests
{
    private static readonly SipUri s_bob = SipUri.Parse("sip:101@acme.test");

    [Fact]
    public void An_idle_extension_has_a_dialog_that_is_over()                    // I69: Yealink, Aastra, Bria
    {
        XElement document = Write(7, []);
        Assert.Equal(("7", "full", "sip:101@acme.test"), (Value(document, "version"), Value(document, "state"), Value(document, "entity")));
        XElement dialog = Assert.Single(document.Elements());
        Assert.Equal(("last", "terminated"), (Value(dialog, "id"), State(dialog)));
    }

    [Theory]
    [InlineData(ExtensionState.Ringing, false, "early", "recipient")]
    [InlineData(ExtensionState.Calling, true, "proceeding", "initiator")]
    [InlineData(ExtensionState.Talking, true, "confirmed", "initiator")]
    [InlineData(ExtensionState.Talking, false, "confirmed", "recipient")]
    public void What_a_phone_does_is_a_state_and_a_direction(ExtensionState state, bool initiator, string expected, string direction)
    {
        XElement dialog = Assert.Single(Write(0, [Dialog(state, initiator)]).Elements());
        Assert.Equal((expected, direction), (State(dialog), Value(dialog, "direction")));
        Assert.Equal(("sip:101@acme.test", "Bob"), Party(dialog, "local"));
        Assert.Equal(("sip:100@acme.test", "Alice"), Party(dialog, "remote"));
    }

    [Fact]
    public void Who_hides_is_not_shown() =>
        Assert.Null(Write(0, [Dialog(ExtensionState.Ringing, false) with { RemoteNumber = "", RemoteName = "" }]).Descendants(DialogInfoSchema.Namespace + "remote").SingleOrDefault());

    [Fact]
    public void Neither_Call_ID_nor_tags_are_told() =>
        Assert.DoesNotContain(Write(0, [Dialog(ExtensionState.Talking, true)]).Descendants().Attributes(), attribute => attribute.Name.LocalName is "call-id" or "local-tag" or "remote-tag");

    [Theory]                                                                     // S22: names come from carriers
    [InlineData("</dialog-info><x a='\"&", "</dialog-info><x a='\"&")]
    [InlineData("a\0b\u0001c\r\nd\uFFFFe", "abcde")]
    [InlineData("\uD83D\uDE00 Ж 王", "😀 Ж 王")]
    public void Nothing_in_a_name_breaks_the_document(string name, string shown)
    {
        XElement dialog = Assert.Single(Write(0, [Dialog(ExtensionState.Ringing, false) with { RemoteName = name }]).Elements());
        Assert.Equal(shown, Party(dialog, "remote").Display);
    }

    [Fact]
    public void Half_a_character_is_left_out()
    {
        XElement dialog = Assert.Single(Write(0, [Dialog(ExtensionState.Ringing, false) with { RemoteName = "a" + '\uD83D' + "b" }]).Elements());
        Assert.Equal("ab", Party(dialog, "remote").Display);
    }

    [Fact]
    public void A_number_that_is_none_is_escaped()
    {
        XElement dialog = Assert.Single(Write(0, [Dialog(ExtensionState.Ringing, false) with { RemoteNumber = "a<b>\"@c d" }]).Elements());
        Assert.True(SipUri.TryParse(Party(dialog, "remote").Uri, out SipUri? uri));
        Assert.Equal("a<b>\"@c d", uri.User);
    }

    [Fact]
    public void On_datagrams_a_long_document_is_cut_to_what_a_lamp_shows()       // I42
    {
        PhoneDialog[] many = [.. Enumerable.Range(0, 20).Select(i => Dialog(i < 10 ? ExtensionState.Talking : ExtensionState.Ringing, false) with { Id = "dialog-" + i, RemoteName = new string('n', 60) })];
        byte[] octets = DialogInfo.Write(s_bob, "Bob", 4_000_000_000, many, "x", isDatagram: true).Octets.ToArray();
        Assert.InRange(octets.Length, 1, 600);
        Assert.Equal(["confirmed", "early"], DialogInfoSchema.Read(octets).Elements().Select(State));
        Assert.Equal(8, Write(0, many).Elements().Count());
    }

    [Fact]
    public void It_is_UTF_8_without_a_mark() => Assert.StartsWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>", Encoding.UTF8.GetString(DialogInfo.Write(s_bob, "Bob", 0, [], "x", false).Octets.Span), StringComparison.Ordinal);

    private static PhoneDialog Dialog(ExtensionState state, bool initiator) => new("101", "d1", state, initiator, "100", "Alice");

    private static XElement Write(uint version, PhoneDialog[] dialogs) => DialogInfoSchema.Read(DialogInfo.Write(s_bob, "Bob", version, dialogs, "last", isDatagram: false).Octets);

    private static string? Value(XElement element, string name) => element.Attribute(name)?.Value;

    private static string State(XElement dialog) => dialog.Element(DialogInfoSchema.Namespace + "state")!.Value;

    private static (string Uri, string? Display) Party(XElement dialog, string side)
    {
        XElement identity = dialog.Element(DialogInfoSchema.Namespace + side)!.Element(DialogInfoSchema.Namespace + "identity")!;
        return (identity.Value, identity.Attribute("display")?.Value);
    }
}
