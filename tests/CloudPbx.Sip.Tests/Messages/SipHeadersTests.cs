using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Tests.Messages;

public class SipHeadersTests
{
    private readonly SipHeaders _headers = new SipRequest(SipMethod.Options, SipUri.Parse("sip:a@b")).Headers;

    [Fact]
    public void Fields_keep_their_order()
    {
        _headers.Add(SipHeaderName.To, "1");
        _headers.Add("x-any", "2");
        _headers.Add("f", "3");
        Assert.Equal(["To=1", "x-any=2", "f=3"], _headers.Select(field => $"{field.Key}={field.Value}"));
        Assert.Equal(("3", "2"), (_headers.Get(SipHeaderName.From), _headers.Get("X-ANY")));
    }

    [Fact]
    public void The_first_field_of_a_name_goes_on_top()
    {
        _headers.Add(SipHeaderName.To, "t");
        _headers.Add(SipHeaderName.Route, "<sip:2>");
        _headers.AddFirst(SipHeaderName.Route, "<sip:1>");
        _headers.AddFirst(SipHeaderName.Via, "v");
        Assert.Equal(["v", "t", "<sip:1>", "<sip:2>"], _headers.Select(field => field.Value));
    }

    [Fact]
    public void Setting_replaces_all_at_the_place_of_the_first()
    {
        _headers.Add(SipHeaderName.Route, "<sip:1>");
        _headers.Add(SipHeaderName.To, "t");
        _headers.Add(SipHeaderName.Route, "<sip:2>");
        _headers.Set(SipHeaderName.Route, "<sip:3>");
        Assert.Equal(["<sip:3>", "t"], _headers.Select(field => field.Value));
        Assert.True(_headers.Remove(SipHeaderName.Route));
        Assert.False(_headers.Remove(SipHeaderName.Route));
        Assert.Equal(1, _headers.Count);
    }

    [Fact]
    public void Values_are_split_outside_quotes_and_brackets()               // RFC 3261 §7.3.1
    {
        _headers.Add(SipHeaderName.Contact, "\"a, b\" <sip:x,y@z>;q=1, <sip:c>");
        _headers.Add(SipHeaderName.Contact, "sip:d");
        Assert.Equal(["\"a, b\" <sip:x,y@z>;q=1", "<sip:c>", "sip:d"], _headers.GetValues(SipHeaderName.Contact));
        Assert.Equal(2, _headers.GetAll(SipHeaderName.Contact).Count());
    }

    [Fact]
    public void The_first_value_is_popped_from_a_line_of_several()
    {
        _headers.Add(SipHeaderName.Via, "a, b ,c");
        _headers.Add(SipHeaderName.Via, "d");
        Assert.True(_headers.ReplaceFirst(SipHeaderName.Via, "A"));
        Assert.Equal(["A", "b", "c", "d"], _headers.GetValues(SipHeaderName.Via));
        for (string[] left = ["A", "b", "c", "d"]; left.Length > 0; left = left[1..])
        {
            Assert.Equal(left, _headers.GetValues(SipHeaderName.Via));
            Assert.True(_headers.RemoveFirst(SipHeaderName.Via));
        }
        Assert.False(_headers.RemoveFirst(SipHeaderName.Via));
        Assert.False(_headers.ReplaceFirst(SipHeaderName.Via, "x"));
    }

    [Theory]
    [InlineData("a\r\nVia: evil")]
    [InlineData("a\nb")]
    [InlineData("a\rb")]
    public void A_value_cannot_break_out_of_its_line(string value)
    {
        Assert.Throws<ArgumentException>(() => _headers.Add(SipHeaderName.Subject, value));
        Assert.Throws<ArgumentException>(() => _headers.Set("X", value));
        Assert.Throws<ArgumentException>(() => _headers.AddFirst(SipHeaderName.Via, value));
    }

    [Theory]
    [InlineData("X:")]
    [InlineData("X Y")]
    [InlineData("")]
    [InlineData("X\r\n")]
    public void A_name_is_a_token(string name) => Assert.Throws<ArgumentException>(() => _headers.Add(name, "x"));

    [Fact]
    public void A_field_that_is_not_known_is_asked_for_by_its_text() => Assert.Throws<ArgumentOutOfRangeException>(() => _headers.Get(SipHeaderName.Other));

    [Fact]
    public void Received_fields_are_copied_octet_for_octet()
    {
        byte[] octets = [.. "OPTIONS sip:a@b SIP/2.0\r\nv:SIP/2.0/UDP h;branch=z9hG4bK1;x=\""u8, 0xFF,
            .. "\"\r\nf : <sip:a@b>\r\n ;tag=1\r\nTo:<sip:a@b>\r\ni:1\r\nCSeq:1 OPTIONS\r\n\r\n"u8];
        Assert.Equal(SipParseError.None, SipMessage.TryParse(octets, out SipMessage? message));
        _headers.CopyFrom(message!.Headers, SipHeaderName.Via);
        _headers.CopyFrom(message.Headers, SipHeaderName.From);
        SipRequest copy = new(SipMethod.Options, SipUri.Parse("sip:a@b"));
        copy.Headers.CopyFrom(_headers, SipHeaderName.Via);
        copy.Headers.CopyFrom(_headers, SipHeaderName.From);
        byte[] expected = [.. octets.AsSpan(0, octets.AsSpan().IndexOf("To:"u8)), .. "Content-Length: 0\r\n\r\n"u8];
        Assert.Equal(expected, copy.ToBytes());
        Assert.Equal("<sip:a@b> ;tag=1", copy.Headers.Get("From"));
    }

    [Fact]
    public void A_folded_value_reads_as_one_line()
    {
        const string text = "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n"
            + "X: a \r\n\t b\r\n c\r\n\r\n";
        Assert.Equal(SipParseError.None, SipMessage.TryParse(Encoding.ASCII.GetBytes(text), out SipMessage? message));
        Assert.Equal("a b c", message!.Headers.Get("x"));                    // RFC 3261 §7.3.1: a fold is one SP
    }
}
