namespace CloudPbx.Sdp.Tests;

public sealed class MakeOfferTests
{
    [Fact]
    public void A_plain_offer_has_our_codecs_in_order_and_never_maxptime()      // INTEROP I49
    {
        Assert.Equal(
            """
            v=0
            o=- 42 1 IN IP4 203.0.113.5
            s=-
            c=IN IP4 203.0.113.5
            t=0 0
            m=audio 20000 RTP/AVP 8 0 9 96 101 97
            a=rtpmap:8 PCMA/8000
            a=rtpmap:0 PCMU/8000
            a=rtpmap:9 G722/8000
            a=rtpmap:96 opus/48000/2
            a=rtpmap:101 telephone-event/8000
            a=fmtp:101 0-16
            a=rtpmap:97 telephone-event/48000
            a=fmtp:97 0-16
            a=ptime:20
            a=sendrecv

            """.ReplaceLineEndings("\n"),
            Legs.Lines(OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], null)));
    }

    [Fact]
    public void The_other_partys_codecs_go_first_with_its_numbers_and_words()
    {
        IReadOnlyList<PayloadFormat> like = OfferAnswer.ReadOffer(Legs.Local(), Phones.Read(Phones.Rich)).Formats;
        MediaDescription audio = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, like, null).Media[0];
        Assert.Equal(["96", "9", "18", "8", "0", "97", "101"], audio.Formats);
        Assert.Contains(new SdpAttribute("fmtp", "96 useinbandfec=1"), audio.Attributes);
        Assert.Contains(new SdpAttribute("fmtp", "18 annexb=no"), audio.Attributes);            // INTEROP I56
        Assert.Contains(new SdpAttribute("rtpmap", "97 telephone-event/48000"), audio.Attributes);
    }

    [Fact]
    public void Codecs_we_do_not_know_are_left_out_where_only_ours_are_allowed()
    {
        LocalMedia local = Legs.Local() with { AllowOtherCodecs = false, Codecs = [AudioCodec.Pcmu], TelephoneEvent = false };
        IReadOnlyList<PayloadFormat> like = [new(18, AudioCodec.G729), new(0, AudioCodec.Pcmu)];
        Assert.Equal(["0"], OfferAnswer.MakeOffer(local, SrtpOfferForm.Clear, like, null).Media[0].Formats);
    }

    [Theory]
    [InlineData(SrtpPolicy.Off, SrtpOfferForm.Clear, "RTP/AVP", 0)]
    [InlineData(SrtpPolicy.Optional, SrtpOfferForm.Clear, "RTP/AVP", 0)]
    [InlineData(SrtpPolicy.Optional, SrtpOfferForm.Savp, "RTP/SAVP", 2)]
    [InlineData(SrtpPolicy.Optional, SrtpOfferForm.ClearWithKeys, "RTP/AVP", 2)]
    [InlineData(SrtpPolicy.Required, SrtpOfferForm.Clear, "RTP/SAVP", 2)]
    [InlineData(SrtpPolicy.Required, SrtpOfferForm.ClearWithKeys, "RTP/SAVP", 2)]
    public void Encryption_is_offered_in_the_form_asked_for(SrtpPolicy policy, SrtpOfferForm form, string protocol, int keys)
    {
        MediaDescription audio = OfferAnswer.MakeOffer(Legs.Local(policy), form, [], null).Media[0];
        Assert.Equal((protocol, keys), (audio.Protocol, audio.CryptoAttributes().Count));
        Assert.Equal(Enumerable.Range(1, keys), audio.CryptoAttributes().Select(c => c.Tag));
    }

    [Fact]
    public void An_unchanged_offer_keeps_its_version_and_a_changed_one_raises_it()      // RFC 3264 §8, INTEROP I60
    {
        SessionDescription first = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], null);
        Assert.Same(first, OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], first));
        SessionDescription held = OfferAnswer.MakeOffer(Legs.Local() with { Direction = MediaDirection.SendOnly }, SrtpOfferForm.Clear, [], first);
        Assert.Equal(("42", "2"), (held.Origin!.SessionId, held.Origin.SessionVersion));
        Assert.Equal(MediaDirection.SendOnly, held.Media[0].Direction);
        Assert.Equal("3", OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], held).Origin!.SessionVersion);
    }

    [Fact]
    public void Numbers_keep_their_meaning_over_re_offers()                     // RFC 3264 §8.3.2
    {
        SessionDescription first = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], null);
        IReadOnlyList<PayloadFormat> like = [new(96, new AudioCodec("SILK", 16000)), new(111, AudioCodec.Opus)];
        IReadOnlyList<PayloadFormat> formats = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, like, first).Media[0].PayloadFormats();
        Assert.Equal(96, formats.Single(f => f.Codec.Equals(AudioCodec.Opus)).PayloadType);
        Assert.NotEqual(96, formats.Single(f => f.Codec.Name == "SILK").PayloadType);
        Assert.Equal(formats.Count, formats.Select(f => f.PayloadType).Distinct().Count());
    }

    [Fact]
    public void Sections_stay_in_their_place_in_a_re_offer()                    // RFC 3264 §8: never fewer, never another order
    {
        SessionDescription offer = Legs.Peer("m=video 5 RTP/AVP 98\r\na=rtpmap:98 H264/90000\r\nm=audio 4 RTP/AVP 0\r\nm=image 6 udptl t38\r\n");
        SessionDescription answer = OfferAnswer.MakeAnswer(Legs.Local(), offer, [], null).Local!;
        SessionDescription again = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], answer);
        Assert.Equal([("video", 0), ("audio", 20000), ("image", 0)], again.Media.Select(m => (m.Kind, m.Port)));
        Assert.Equal("2", again.Origin!.SessionVersion);
    }

    [Fact]
    public void Rtcp_on_another_port_and_mux_are_said()
    {
        MediaDescription audio = OfferAnswer.MakeOffer(Legs.Local() with { RtcpPort = 30001, RtcpMux = true }, SrtpOfferForm.Clear, [], null).Media[0];
        Assert.Equal("30001", audio.Attribute("rtcp"));
        Assert.True(audio.RtcpMux);
        Assert.Null(OfferAnswer.MakeOffer(Legs.Local() with { RtcpPort = 20001 }, SrtpOfferForm.Clear, [], null).Media[0].Attribute("rtcp"));
    }

    [Fact]
    public void An_IPv6_leg_says_IP6() =>
        Assert.Contains("c=IN IP6 2001:db8::5\r\n", OfferAnswer.MakeOffer(Legs.Local() with { Address = "2001:db8::5" }, SrtpOfferForm.Clear, [], null).Write(), StringComparison.Ordinal);
}
