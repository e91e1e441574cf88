using CloudPbx.CallControl.Carriers;
using CloudPbx.Contracts.Trunks;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Tests.Carriers;

/// <summary>What a carrier's INVITE for +49301001 tells of the call's way, and what stands in front of our entries where it goes on to +4989222.</summary>
public sealed class ReceivedWayTests
{
    private static readonly SipUri s_ours = SipUri.Parse("sip:+49301001@carrier.example");
    private static readonly SipUri s_target = SipUri.Parse("sip:+4989222@carrier.example");

    [Theory]
    [InlineData("", "1;1.1 mp=1")]
    [InlineData("<sip:+49301001@acme.test>;index=1", "1;1.1 mp=1")]
    [InlineData("<sip:+4930777@c>;index=1, <sip:+49301001@acme.test>;index=1.1;mp=1", "1;1.1 mp=1;1.1.1 mp=1.1")]
    [InlineData("<sip:+4930777@c>;index=1, <tel:+49-30-1001>;index=1.2;rc=1", "1;1.2 rc=1;1.2.1 mp=1.2")]                     // a tel URI takes no Reason (§10.2): ours is a sip one
    [InlineData("<sip:+4930777@c>;index=1, <sip:+4930778@c>;index=1.1;mp=1", "1;1.1 mp=1;1.1.0;1.1.0.1 mp=1.1.0")]           // §10.3, rule 6: an entry is missing
    [InlineData("<sip:+49301001@acme.test>, <sip:+49301001@acme.test>;index=1.a, nonsense", "1;1.1 mp=1")]                   // no entries: without an index, or with a wrong one
    [InlineData("<sip:+49301001@acme.test>;index=1;mp=\"x>\"", "1;1.1 mp=1")]
    public void Indexes_go_on_from_the_last_one_that_came(string history, string expected) =>             // RFC 7044 §10.3
        Assert.Equal(expected, string.Join(';', Read(history).HistoryOf([(s_ours, 302)], s_target).Select(field => Tags(field.Value))));

    [Fact]
    public void Each_number_of_ours_that_sent_the_call_on_has_its_entry()
    {
        SipUri second = SipUri.Parse("sip:+49301002@carrier.example");
        Assert.Equal(
            [
                "<sip:+4930777@c;user=phone?Reason=Q.850%3Bcause%3D17>;index=1;x=y",
                "<sip:+49301001@carrier.example?Reason=SIP%3Bcause%3D486>;index=1.1;mp=1",
                "<sip:+49301002@carrier.example?Reason=SIP%3Bcause%3D408>;index=1.1.1;mp=1.1",
                "<sip:+4989222@carrier.example>;index=1.1.1.1;mp=1.1.1",
            ],
            Read("<sip:+4930777@c;user=phone?Reason=Q.850%3Bcause%3D17>;index=1;x=y, <sip:+49301001@acme.test>;index=1.1;mp=1")
                .HistoryOf([(s_ours, 486), (second, 408)], s_target).Select(field => field.Value));
    }

    [Theory]
    [InlineData("?Privacy=history", "", true)]
    [InlineData("?Reason=SIP%3Bcause%3D302&Privacy=History", "", true)]
    [InlineData("?Privacy=none", "", false)]
    [InlineData("", "history", true)]
    [InlineData("", "id;header", true)]
    [InlineData("", "id", false)]
    public void Who_is_to_be_hidden_leaves_without_a_name(string headers, string privacy, bool hidden) =>         // RFC 7044 §10.1.2
        Assert.Equal(
            hidden ? "<sip:anonymous@anonymous.invalid>;index=1" : $"<sip:+4930777@c{headers}>;index=1",
            Read($"<sip:+4930777@c{headers}>;index=1, <sip:+49301001@acme.test>;index=1.1;mp=1", privacy).HistoryOf([(s_ours, 302)], s_target).First().Value);

    [Theory]
    [InlineData("?Privacy=history", "")]
    [InlineData("", "history")]
    public void The_number_that_was_called_here_stays_hidden_where_its_entry_was(string headers, string privacy) =>         // RFC 7044 §10.1.2
        Assert.Equal(
            "<sip:anonymous@anonymous.invalid?Reason=SIP%3Bcause%3D302>;index=1",
            Read($"<sip:+49301001@acme.test{headers}>;index=1", privacy).HistoryOf([(s_ours, 302)], s_target).First().Value);

    [Theory]
    [InlineData("", "", 0, "")]
    [InlineData("<sip:1@c>, <sip:2@c>", "", 2, "1 2")]
    [InlineData("", "<sip:1@c>;index=1, <sip:2@c>;index=1.1;mp=1, <sip:+49301001@acme.test>;index=1.1.1;mp=1.1", 2, "1 2 +49301001")]
    [InlineData("", "<sip:1@c>;index=1, <sip:phone@192.0.2.1>;index=1.1;rc=1, <sip:2@c>;index=1.2;np=1", 0, "1 phone 2")]     // §5: another address of the same one is no other party
    [InlineData("", "<sip:1@c>;index=1, <sip:1@d>;index=1.1, <sip:2@d>;index=1.1.1", 1, "1 2")]                               // RFC 4244 has no such words
    [InlineData("<sip:2@c>", "<sip:1@c>;index=1, <sip:2@c>;index=1.1;mp=1, <sip:3@c>;index=1.1.1;mp=1.1", 2, "2 1 3")]        // both tell of the same way
    [InlineData("<sip:0049301@c>", "", 1, "+49301")]                                                                          // as the trunk's rules write numbers
    [InlineData("<http://x/>, <urn:a:b>, <tel:+49-30>", "", 3, "+4930")]                                                      // CVE-2021-33056: what is no number
    public void How_often_it_was_sent_on_and_where_it_was(string diversion, string history, int length, string numbers)
    {
        ReceivedWay way = Read(history, diversion: diversion);
        Assert.Equal((length, numbers), (way.Length, string.Join(' ', way.Numbers)));
    }

    [Fact]
    public void What_is_too_long_or_too_much_is_left_out()
    {
        string long1 = $"<sip:{new string('1', 260)}@c>";
        Assert.Empty(Read($"{long1};index=1", diversion: long1).Numbers);
        Assert.Equal(16 + 2, Read(string.Join(", ", Enumerable.Range(1, 40).Select(i => $"<sip:{i}@c>;index=1.{i};rc=1"))).HistoryOf([(s_ours, 302)], s_target).Count());
    }

    private static string Tags(string value)
    {
        Assert.True(NameAddress.TryParse(value, out NameAddress? entry));
        return string.Join(' ', entry.Parameters.Select(parameter => parameter.Name == "index" ? parameter.Value : $"{parameter.Name}={parameter.Value}"));
    }

    private static ReceivedWay Read(string history, string privacy = "", string diversion = "")
    {
        SipRequest invite = new(SipMethod.Invite, SipUri.Parse("sip:+49301001@acme.test"));
        foreach ((string name, string value) in new[] { ("History-Info", history), ("Privacy", privacy), ("Diversion", diversion) })
            if (value.Length > 0)
                invite.Headers.Add(name, value);
        return ReceivedWay.Of(invite, "+49301001", [new NumberRewrite { Prefix = "00", Replacement = "+" }]);
    }
}
