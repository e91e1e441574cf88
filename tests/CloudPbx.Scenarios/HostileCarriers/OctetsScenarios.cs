using System.Text;
using System.Text.Json;
using CloudPbx.Audio.Tones;
using CloudPbx.Softphone;
using CloudPbx.TestKit.Carriers;

namespace CloudPbx.Scenarios.HostileCarriers;

/// <summary>Messages that are written oddly, wrongly or large (INTEROP I36 to I44).</summary>
[Collection(HostileCarriersGroup.Name)]
public sealed class OctetsScenarios(ProductFixture fixture)
{
    [Fact]
    public async Task I36_fields_that_nobody_knows_do_no_harm_and_go_nowhere()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, _, _) = await scene.TakeAsync("P-Charging-Vector: icid-value=\"1;x\";orig-ioi=x\nX-Whatever: \u00e9\u00ff\nX-Empty:");
        string invite = Encoding.Latin1.GetString(call.Invite!.ToBytes());
        Assert.DoesNotContain("P-Charging-Vector", invite, StringComparison.Ordinal);
        Assert.DoesNotContain("X-Whatever", invite, StringComparison.Ordinal);
    }

    [Fact]
    public async Task I38_short_names_without_a_space_and_lengths_with_many_are_read()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.Send(
            $"""
            INVITE sip:+%3{scene.Number[1]}{scene.Number[2..]}@[pbx] SIP/2.0
            v:SIP/2.0/UDP [local];branch=[branch];rport
            f:<sip:+4989444@[ip]>;tag=short
            t:<sip:{scene.Number}@[pbx]>
            i:short@[local]
            CSeq:1 INVITE
            Max-Forwards:70
            m:<sip:carrier@[local]>
            k:timer
            c:application/sdp
            l:   [len]

            {HostileCarrier.Pcmu}
            """);
        PhoneCall call = await scene.IncomingAsync();
        Assert.True((await call.AnswerAsync()).Accepted);
        RawMessage answer = await carrier.ExpectAsync("200 INVITE");
        carrier.Dialog(answer).Ack();
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I39_a_line_that_ends_with_LF_alone_is_never_guessed_at()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.SendOctets(Encoding.Latin1.GetBytes($"OPTIONS sip:{scene.Company.Domain} SIP/2.0\r\nVia: SIP/2.0/UDP {carrier.At};branch=z9hG4bKlf;rport\nMax-Forwards: 70\nX-Lf: 1\r\nFrom: <sip:x@y>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: lf\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"));
        carrier.Send(Options("after"));
        Assert.Equal("after", (await carrier.ExpectAsync("200 OPTIONS"))["Call-ID"]);
        Assert.Equal(1, carrier.Count("200 OPTIONS"));
    }

    [Fact]
    public async Task I40_a_length_beyond_the_datagram_is_refused_and_what_stands_behind_a_shorter_one_is_cut_off()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number, $"Content-Length: {HostileCarrier.Pcmu.Length + 100}", call: "long");
        carrier.AckRefusal(await carrier.ExpectAsync("400 INVITE"));

        int length = carrier.Write("x\n\n" + HostileCarrier.Pcmu).Length - "x\r\n\r\n".Length;
        carrier.Invite(scene.Number, $"Content-Length: {length}", HostileCarrier.Pcmu + "m=video 1 RTP/AVP 99\n\0\0junk", "short");
        PhoneCall call = await scene.IncomingAsync();
        Assert.True((await call.AnswerAsync()).Accepted);
        RawMessage answer = await carrier.ExpectAsync("200 INVITE");
        Assert.Single(answer.Lines("m="));
        carrier.Dialog(answer).Ack();
    }

    [Fact]
    public async Task I41_keep_alives_junk_and_padding_around_messages_are_nothing_and_a_ping_gets_its_pong()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        foreach (string junk in new[] { "\r\n", "\r\n\r\n", "\0\0\0\0", "jaK", "\u0000\u0001\u0000\u0000\u0021\u0012\u00a4\u00420123456789ab" })      // the last is STUN's binding request (RFC 8489 §5)
            carrier.SendOctets(Encoding.Latin1.GetBytes(junk));
        carrier.SendOctets([0x0D, 0x0A, 0x0D, 0x0A, .. carrier.Write(Options("padded")), 0, 0, 0, 0]);
        Assert.Equal("padded", (await carrier.ExpectAsync("200 OPTIONS"))["Call-ID"]);

        await carrier.ConnectAsync();
        carrier.SendOctets("\r\n\r\n"u8.ToArray());
        await carrier.ExpectAsync("CRLF");                                               // RFC 5626 §4.4.1
        carrier.SendOctets([0x0D, 0x0A, .. carrier.Write(Options("connected"))]);
        Assert.Equal("connected", (await carrier.ExpectAsync("200 OPTIONS"))["Call-ID"]);
    }

    [Fact]
    public async Task I42_what_leaves_fits_into_a_packet_and_what_comes_may_be_sixty_thousand_octets()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture, """{"assertedIdentity":"{caller}","requestUriParameters":"user=phone"}""");
        HostileCarrier carrier = scene.Carrier;
        await scene.DialAsync();
        Assert.InRange((await carrier.ExpectAsync("INVITE")).Octets.Length, 300, 1299);

        carrier.Invite(scene.Number, string.Join('\n', Enumerable.Range(0, 50).Select(i => $"X-Pad-{i}: {new string('x', 1150)}")), call: "huge");
        PhoneCall call = await scene.IncomingAsync();
        Assert.True((await call.AnswerAsync()).Accepted);
        await carrier.ExpectAsync("200 INVITE");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]                                                                  // it refuses the connection
    public async Task I42_an_INVITE_that_fits_into_no_packet_goes_by_TCP_and_by_UDP_where_that_is_refused(bool takesConnections)      // RFC 3261 §18.1.1
    {
        string pad = new('x', 100);
        await using CarrierScene scene = await CarrierScene.SetAsync(
            fixture, $$$"""{"requestUriParameters":"user=phone;pad={{{pad}}}","parametersInFromAndTo":true,"assertedIdentity":"{caller}{{{pad}}}","preferredIdentity":"{caller}{{{pad}}}","remotePartyId":"{caller}{{{pad}}}"}""",
            trunk: (trunk, _) => trunk["server"]!.AsObject().Remove("transport"), takesConnections: takesConnections);
        HostileCarrier carrier = scene.Carrier;
        (PhoneCall call, RawMessage invite) = await scene.TalkAsync();
        Assert.True(invite.Octets.Length > 1300, carrier.Trace);
        Assert.StartsWith(takesConnections ? "SIP/2.0/TCP " : "SIP/2.0/UDP ", invite["Via"], StringComparison.Ordinal);
        Assert.Equal(1, carrier.Count("INVITE"));
        call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
        await scene.HangUpAsync(call);
        string? why = (await scene.TrunkAsync()).TryGetProperty("withoutTcp", out JsonElement said) ? said.GetString() : null;
        Assert.Equal(takesConnections ? null : "Connection refused", why);
    }

    [Theory]
    [InlineData("v=0\no=- 1 1 IN IP4 [ip]\ns=-\nc=IN IP4 [ip]\nt=0 0\n:=17\nm=audio [media] RTP/AVP 0\n")]
    [InlineData("v=0\no=- 1 1 IN IP4 [ip]\ns=-\nt=0 0\nm=audio 99999 RTP/AVP 0\n")]
    [InlineData("v=0\no=- 1 1 IN IP6 [ip]\ns=-\nc=IN IP4 64:ff9b::1\nt=0 0\nm=audio [media] RTP/AVP 0\n")]
    [InlineData("\u0000\u0001\u0002")]
    public async Task I43_a_session_description_that_a_network_has_spoilt_is_taken_or_refused_and_the_next_call_comes(string spoilt)
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        HostileCarrier carrier = scene.Carrier;
        carrier.Invite(scene.Number, "", spoilt, "spoilt");
        if ((await carrier.ExpectAsync("180 INVITE | 400 INVITE | 488 INVITE")).Status == 180)
            await (await scene.IncomingAsync()).RejectAsync(486);
        (await scene.TakeAsync()).Call.Play(new Tone(440));
        await carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I44_a_gateways_INVITE_with_ISUP_beside_its_offer_is_taken()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        (PhoneCall call, _, RawMessage answer) = await scene.TakeAsync(
            "Content-Type: multipart/mixed;boundary=\"b b\"\nMIME-Version: 1.0",
            $"--b b\nContent-Type: application/isup;version=itu-t92+\nContent-Disposition: signal;handling=optional\n\n\u0001\u0000\u0049\u0000\n--b b\nContent-Type: application/sdp\n\n{HostileCarrier.Pcmu}\n--b b--\n");
        Assert.Equal("application/sdp", answer["Content-Type"]);
        call.Play(new Tone(440));
        await scene.Carrier.Media.HearAsync(440);
    }

    [Fact]
    public async Task I44_a_refusal_whose_body_has_several_parts_is_a_refusal()
    {
        await using CarrierScene scene = await CarrierScene.SetAsync(fixture);
        PhoneCall call = await scene.DialAsync();
        scene.Carrier.Answer(await scene.Carrier.ExpectAsync("INVITE"), "486 Busy Here", "Content-Type: multipart/mixed;boundary=b", "--b\nContent-Type: application/isup\n\n\u0001\n--b\nContent-Type: text/plain\n\nbusy\n--b--\n");
        await scene.Carrier.ExpectAsync("ACK");
        Assert.Equal(486, (await CarrierScene.EndedAsync(call)).StatusCode);
    }

    private static string Options(string call) =>
        $"""
        OPTIONS sip:[pbx] SIP/2.0
        Via: SIP/2.0/[transport] [local];branch=[branch];rport
        Max-Forwards: 70
        From: <sip:carrier@[ip]>;tag=o
        To: <sip:[pbx]>
        Call-ID: {call}
        CSeq: 1 OPTIONS
        Content-Length: 0

        """;
}
