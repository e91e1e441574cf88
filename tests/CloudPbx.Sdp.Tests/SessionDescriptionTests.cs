using System.Text;
using CsCheck;

namespace CloudPbx.Sdp.Tests;

public sealed class SessionDescriptionTests
{
    [Fact]
    public void The_example_of_RFC_8866_is_read_whole()                         // §5
    {
        SessionDescription sdp = Phones.Read(
            "v=0\r\no=jdoe 3724394400 3724394405 IN IP4 198.51.100.1\r\ns=Call to John Smith\r\ni=SDP Offer #1\r\nu=http://www.jdoe.example.com/home.html\r\n"
            + "e=Jane Doe <jane@jdoe.example.com>\r\np=+1 617 555-6011\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\nm=audio 49170 RTP/AVP 0\r\nm=audio 49180 RTP/AVP 0\r\n"
            + "m=video 51372 RTP/AVP 99\r\nc=IN IP6 2001:db8::2\r\na=rtpmap:99 h263-1998/90000\r\n");
        Assert.Equal(new SdpOrigin("jdoe", "3724394400", "3724394405", "198.51.100.1"), sdp.Origin);
        Assert.Equal("Call to John Smith", sdp.SessionName);
        Assert.Equal(3, sdp.Media.Count);
        Assert.Equal("198.51.100.1", sdp.ConnectionOf(sdp.Media[0])!.Host);
        Assert.Equal("IN IP6 2001:db8::2", sdp.ConnectionOf(sdp.Media[2])!.ToString());
        Assert.Equal(0, sdp.JunkLines);
        Assert.Equal([new PayloadFormat(99, new AudioCodec("H263-1998", 90000))], sdp.Media[2].PayloadFormats());
    }

    [Theory]                                                                    // INTEROP I59: line ends, a last line without one
    [InlineData("v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nt=0 0\r\nm=audio 4 RTP/AVP 0\r\nc=IN IP4 1.2.3.4\r\na=sendonly")]
    [InlineData("v=0\no=- 1 1 IN IP4 1.2.3.4\ns=-\nt=0 0\nm=audio 4 RTP/AVP 0\nc=IN IP4 1.2.3.4\na=sendonly\n")]
    [InlineData("v=0\ro=- 1 1 IN IP4 1.2.3.4\rs=-\rt=0 0\rm=audio 4 RTP/AVP 0\rc=IN IP4 1.2.3.4\ra=sendonly\r")]
    [InlineData("\r\n\r\nv=0\r\n\r\no=- 1 1 IN IP4 1.2.3.4\r\ns= \r\nt=0 0\r\nm=audio 4 RTP/AVP 0 \r\nc=IN IP4 1.2.3.4\r\na=sendonly \r\n\0")]
    public void Line_ends_may_be_any(string text)
    {
        SessionDescription sdp = Phones.Read(text);
        MediaDescription audio = Assert.Single(sdp.Media);
        Assert.Equal(MediaDirection.SendOnly, sdp.DirectionOf(audio));
        Assert.Equal("1.2.3.4", sdp.ConnectionOf(audio)!.Host);                 // I59: c= at media level only
        Assert.Equal(0, sdp.JunkLines);
    }

    [Theory]
    [InlineData("c=IN IP4 192.\t/127")]
    [InlineData("c=IN IP4 192.\0/127")]
    [InlineData("c=IN\tIP4\t192.0.2.1")]
    [InlineData("a=\v\0\v")]                                                  // the next two found by ./pbx fuzz sdp: what is between the blanks was a blank itself
    [InlineData("a=x\v\0\v:\v\0\v")]
    public void What_is_written_is_read_again_as_the_same(string line)          // a mutated description's address ended in a tab, which a line's end loses
    {
        Assert.Equal(SdpParseError.None, SessionDescription.TryParse($"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n{line}\r\nt=0 0\r\n", out SessionDescription? sdp));
        string written = sdp!.Write();
        Assert.Equal(SdpParseError.None, SessionDescription.TryParse(written, out SessionDescription? again));
        Assert.Equal(written, again!.Write());
    }

    [Fact]
    public void Junk_lines_are_counted_and_skipped()                            // INTEROP I43
    {
        SessionDescription sdp = Phones.Read("v=0\r\n:=17\r\no=broken\r\nc=IN IP4\r\nc=IN IP4 192.0.2.9\r\n=\r\nx=1\r\nm=audio 4 RTP/AVP 0\r\ngarbage\r\na=\r\na=ptime:20\r\n");
        Assert.Equal(7, sdp.JunkLines);
        Assert.Null(sdp.Origin);
        Assert.Equal(20, sdp.Media[0].PtimeMilliseconds);
    }

    [Theory]
    [InlineData("", SdpParseError.Empty)]
    [InlineData("\r\n\r\n", SdpParseError.Empty)]
    [InlineData("o=- 1 1 IN IP4 1.2.3.4\r\n", SdpParseError.Version)]
    [InlineData("v=1\r\n", SdpParseError.Version)]
    [InlineData("junk", SdpParseError.Version)]
    [InlineData("v=0\r\nm=audio\r\n", SdpParseError.MediaLine)]
    [InlineData("v=0\r\nm=audio x RTP/AVP 0\r\n", SdpParseError.MediaLine)]
    [InlineData("v=0\r\nm=audio -1 RTP/AVP 0\r\n", SdpParseError.MediaLine)]
    [InlineData("v=0\r\nm=audio 65536 RTP/AVP 0\r\n", SdpParseError.MediaLine)]
    [InlineData("v=0\r\nm=audio 99999999999 RTP/AVP 0\r\n", SdpParseError.MediaLine)]
    [InlineData("v=0\r\nm=audio 4/0 RTP/AVP 0\r\n", SdpParseError.MediaLine)]
    [InlineData("v=0\r\nm=audio 4 RTP/AVP\r\n", SdpParseError.None)]
    public void A_bad_description_is_named(string text, SdpParseError expected)
    {
        Assert.Equal(expected, SessionDescription.TryParse(text, out SessionDescription? sdp));
        Assert.Equal(expected == SdpParseError.None, sdp is not null);
    }

    [Fact]
    public void Padding_at_a_line_end_is_dropped_whatever_it_is_made_of() =>    // found by ./pbx fuzz sdp
        Assert.EndsWith("a=x\r\n", Phones.Read("v=0\r\na=x\0 \0\t\0\r\n").Write(), StringComparison.Ordinal);

    [Fact]
    public void Size_is_limited()
    {
        Assert.Equal(SdpParseError.TooLarge, SessionDescription.TryParse(new byte[SessionDescription.MaxLength + 1], out _));
        Assert.Equal(SdpParseError.TooLarge, SessionDescription.TryParse("v=0\n" + string.Concat(Enumerable.Repeat("a=x\n", SessionDescription.MaxLines)), out _));
        Assert.Equal(SdpParseError.TooLarge, SessionDescription.TryParse("v=0\n" + string.Concat(Enumerable.Repeat("m=audio 1 RTP/AVP 0\n", SessionDescription.MaxMedia + 1)), out _));
    }

    [Theory]                                                                    // CVE-2026-41416: clamp
    [InlineData("20", 20)]
    [InlineData("20.0", 20)]
    [InlineData(" 30 ", 30)]
    [InlineData("1", 5)]
    [InlineData("10000", 200)]
    [InlineData("4000000000", 200)]
    [InlineData("0", null)]
    [InlineData("-20", null)]
    [InlineData("NaN", null)]
    [InlineData("1e9", null)]
    [InlineData("", null)]
    public void The_packet_time_is_held_to_5_to_200(string value, int? expected) =>
        Assert.Equal(expected, Phones.Read($"v=0\r\nm=audio 4 RTP/AVP 0\r\na=ptime:{value}\r\n").Media[0].PtimeMilliseconds);

    [Fact]
    public void Formats_have_their_rtpmap_else_their_static_meaning()
    {
        IReadOnlyList<PayloadFormat> formats = Phones.Read(
            "v=0\r\nm=audio 4 RTP/AVP 0 18 96 97 98 99 0 200 x 8\r\na=rtpmap:96 OPUS/48000/2\r\na=fmtp:96 a=1; b = 2 ;c\r\na=rtpmap:97\r\na=rtpmap:98 AMR/8000/1\r\n"
            + "a=rtpmap:99 x/0\r\na=rtpmap:8 PCMA/8000\r\na=fmtp: 18  annexb=no\r\na=fmtp:8\r\n").Media[0].PayloadFormats();
        Assert.Equal([0, 18, 96, 98, 8], formats.Select(f => f.PayloadType));
        Assert.Equal(AudioCodec.G729, formats[1].Codec);
        Assert.Equal("no", formats[1].Parameter("annexb"));
        Assert.Equal(AudioCodec.Opus, formats[2].Codec);
        Assert.Equal(("1", "2", "", null), (formats[2].Parameter("A"), formats[2].Parameter("b"), formats[2].Parameter("c"), formats[2].Parameter("d")));
    }

    [Fact]
    public void Unknown_attributes_and_lines_are_kept()
    {
        const string text = "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nb=CT:128\r\nt=0 0\r\na=group:BUNDLE a\r\nm=audio 4/2 UDP/TLS/RTP/SAVPF 0\r\ni=title\r\n"
            + "c=IN IP6 ::1\r\nb=AS:64\r\na=ice-ufrag:x\r\na=candidate:1 1 UDP 2130706431 192.0.2.1 4 typ host\r\na=extmap-allow-mixed\r\n";
        SessionDescription sdp = Phones.Read(text);
        Assert.Equal(text, sdp.Write());
        Assert.Equal("1 1 UDP 2130706431 192.0.2.1 4 typ host", sdp.Media[0].Attribute("candidate"));
        Assert.True(sdp.Media[0].IsDtlsProfile && sdp.Media[0].IsRtp && !sdp.Media[0].IsSdesProfile);
        Assert.Equal(2, sdp.Media[0].PortCount);
    }

    [Theory]                                                                    // RFC 3605, INTEROP I65
    [InlineData("a=rtcp:53020", 53020, null)]
    [InlineData("a=rtcp:53020 IN IP4 126.16.64.4", 53020, "126.16.64.4")]
    [InlineData("a=rtcp:0", 4001, null)]
    [InlineData("a=rtcp:x IN IP4 1.2.3.4", 4001, null)]
    [InlineData("a=x", 4001, null)]
    public void Rtcp_goes_where_it_is_asked_to(string line, int port, string? host)
    {
        (int found, SdpConnection? address) = Phones.Read($"v=0\r\nm=audio 4000 RTP/AVP 0\r\n{line}\r\n").Media[0].RtcpEndpoint();
        Assert.Equal((port, host), (found, address?.Host));
    }

    [Theory]
    [InlineData("IN IP4 0.0.0.0", true)]
    [InlineData("IN IP6 ::", true)]
    [InlineData("IN IP6 0:0:0:0:0:0:0:0", true)]
    [InlineData("IN IP4 224.2.1.1/127", false)]
    [InlineData("IN IP4 phone.example.com", false)]
    public void The_unspecified_address_is_told(string value, bool expected) =>
        Assert.Equal(expected, Phones.Read($"v=0\r\nc={value}\r\nm=audio 4 RTP/AVP 0\r\n").Connection!.IsUnspecified);

    [Fact]
    public void Writing_and_reading_again_changes_nothing()
    {
        Gen<string> word = Gen.String[Gen.Char["abcXYZ019-_.+/"], 1, 8];
        Gen<SdpAttribute> attribute = Gen.Select(word, Gen.Select(Gen.Int[0, 2], word, (kind, text) => kind == 0 ? null : kind == 1 ? "" : text), (name, value) => new SdpAttribute(name, value));
        SdpConnection?[] connections = [null, new("192.0.2.1"), new("2001:db8::1"), new("a.example")];
        Gen<SdpConnection?> connection = Gen.Int[0, 3].Select(i => connections[i]);
        Gen<MediaDescription> media = Gen.Select(word, Gen.Int[0, 65535], Gen.Int[1, 9], word, word.Array[0, 5], attribute.Array[0, 6], connection, (kind, port, count, protocol, formats, attributes, c) =>
            new MediaDescription { Kind = kind, Port = port, PortCount = count, Protocol = protocol, Formats = formats, Attributes = attributes, Connection = c, OtherLines = [new('b', "AS:1")] });
        Gen.Select(media.Array[0, 4], attribute.Array[0, 5], connection, word).Sample((sections, attributes, c, name) =>
        {
            var sdp = new SessionDescription
            {
                Origin = new SdpOrigin("-", "1", "2", "192.0.2.1"),
                SessionName = name,
                Connection = c,
                Attributes = attributes,
                Media = sections,
                OtherLines = [new('i', "x"), new('b', "CT:1"), new('k', "clear:y")],
            };
            SessionDescription again = Phones.Read(sdp.Write());
            Assert.Equal(sdp.Write(), again.Write());
            Assert.Equal(attributes, again.Attributes);
            Assert.Equal(sections.Select(s => (s.Kind, s.Port, s.PortCount, s.Protocol, s.Connection)), again.Media.Select(s => (s.Kind, s.Port, s.PortCount, s.Protocol, s.Connection)));
            Assert.Equal(sections.SelectMany(s => s.Formats), again.Media.SelectMany(s => s.Formats));
            Assert.Equal(0, again.JunkLines);
        }, iter: 500);
    }

    [Fact]
    public void No_mutation_throws()
    {
        var random = new Random(6);
        foreach (string text in new[] { Phones.GnomeEncrypted, Phones.Rich })
        {
            byte[] good = Encoding.UTF8.GetBytes(text);
            for (int round = 0; round < 10_000; round++)
            {
                byte[] mutant = good.AsSpan(0, random.Next(4) == 0 ? random.Next(good.Length + 1) : good.Length).ToArray();
                for (int i = random.Next(5); i > 0 && mutant.Length > 0; i--)
                    mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
                SdpFuzz.Description(mutant);
            }
        }
    }
}
