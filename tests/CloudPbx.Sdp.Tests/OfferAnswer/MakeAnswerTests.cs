namespace CloudPbx.Sdp.Tests;

public sealed class MakeAnswerTests
{
    [Fact]
    public void GNOME_Calls_with_encryption_gets_keys_back()
    {
        Negotiation result = OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Optional), Phones.Read(Phones.GnomeEncrypted), [], null);
        Assert.Equal(
            $"""
            v=0
            o=- 42 1 IN IP4 203.0.113.5
            s=-
            c=IN IP4 203.0.113.5
            t=0 0
            m=audio 20000 RTP/SAVP 8
            a=rtpmap:8 PCMA/8000
            a=ptime:20
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{Convert.ToBase64String(Enumerable.Repeat((byte)0x80, 30).ToArray())}
            a=sendrecv

            """.ReplaceLineEndings("\n"),
            Legs.Lines(result.Local!));
        Assert.True(result.Media!.Encrypted);
        Assert.Equal(Convert.FromBase64String(Phones.Key1), result.Media.RemoteKey!.KeySalt.ToArray());
        Assert.Equal((35833, 35549), (result.Media.RemotePort, result.Media.RemoteRtcpPort));
        Assert.Null(result.Media.SendTelephoneEvent);
    }

    [Theory]                                                                    // GNOME-CALLS: SAVP is answered with crypto, never 488
    [InlineData(SrtpPolicy.Off)]
    [InlineData(SrtpPolicy.Optional)]
    [InlineData(SrtpPolicy.Required)]
    public void An_offer_of_SAVP_alone_is_served_under_every_policy(SrtpPolicy policy) =>
        Assert.True(OfferAnswer.MakeAnswer(Legs.Local(policy), Phones.Read(Phones.GnomeEncrypted), [], null).Media!.Encrypted);

    [Fact]
    public void Required_encryption_refuses_AVP_even_with_keys()                // SECURITY S15
    {
        LocalMedia local = Legs.Local(SrtpPolicy.Required);
        Assert.Equal(NegotiationFault.EncryptionRequired, OfferAnswer.MakeAnswer(local, Phones.Read(Phones.Gnome), [], null).Fault);
        Assert.Equal(NegotiationFault.EncryptionRequired, OfferAnswer.ReadOffer(local, AvpWithKeys()).Fault);
    }

    [Fact]
    public void Optional_encryption_takes_the_keys_of_an_AVP_offer()            // INTEROP I63
    {
        Negotiation result = OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Optional), AvpWithKeys(), [], null);
        Assert.Equal("RTP/AVP", result.Local!.Media[0].Protocol);
        CryptoAttribute key = Assert.Single(result.Local.Media[0].CryptoAttributes());
        Assert.Equal((7, CryptoAttribute.AesCm128HmacSha1Tag32), (key.Tag, key.Suite));         // the first suite that we know, under its tag
        Assert.True(result.Media!.Encrypted);
        Assert.False(OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Off), AvpWithKeys(), [], null).Media!.Encrypted);
    }

    [Theory]
    [InlineData("m=audio 4 RTP/SAVP 0\r\n", NegotiationFault.NoUsableKey)]                                          // I63: SAVP without crypto
    [InlineData("m=audio 4 RTP/SAVP 0\r\na=crypto:1 F8_128_HMAC_SHA1_80 inline:" + Phones.Key1 + "\r\n", NegotiationFault.NoUsableKey)]
    [InlineData("m=audio 4 UDP/TLS/RTP/SAVPF 0\r\n", NegotiationFault.Protocol)]
    [InlineData("m=audio 4 TCP/RTP/AVP 0\r\n", NegotiationFault.Protocol)]
    [InlineData("m=audio 0 RTP/AVP 0\r\n", NegotiationFault.NoAudio)]
    [InlineData("m=video 4 RTP/AVP 98\r\na=rtpmap:98 H264/90000\r\n", NegotiationFault.NoAudio)]
    [InlineData("m=audio 4 RTP/AVP 101\r\na=rtpmap:101 telephone-event/8000\r\n", NegotiationFault.NoCommonCodec)]
    [InlineData("m=audio 4 RTP/AVP 99\r\n", NegotiationFault.NoCommonCodec)]
    [InlineData("", NegotiationFault.NoAudio)]
    public void What_cannot_be_served_is_named(string media, NegotiationFault expected)
    {
        SessionDescription offer = Legs.Peer(media);
        Assert.Equal(expected, OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Optional), offer, [], null).Fault);
        Assert.Equal(expected, OfferAnswer.ReadOffer(Legs.Local(SrtpPolicy.Optional), offer).Fault);
    }

    [Fact]
    public void A_section_without_any_address_is_refused() =>
        Assert.Equal(NegotiationFault.NoAddress, OfferAnswer.MakeAnswer(Legs.Local(), Phones.Read("v=0\r\nm=audio 4 RTP/AVP 0\r\n"), [], null).Fault);

    [Fact]
    public void The_other_partys_codec_is_chosen_and_its_words_are_passed_on()
    {
        SessionDescription offer = Phones.Read(Phones.Rich);
        Negotiation g722 = OfferAnswer.MakeAnswer(Legs.Local(), offer, [new(9, AudioCodec.G722), new(8, AudioCodec.Pcma)], null);
        Assert.Equal(["9", "97"], g722.Local!.Media[0].Formats);
        Negotiation opus = OfferAnswer.MakeAnswer(Legs.Local(), offer, [new(111, AudioCodec.Opus, "stereo=0")], null);
        Assert.Equal(["96", "101"], opus.Local!.Media[0].Formats);                              // telephone-event at 48 kHz
        Assert.Contains(new SdpAttribute("fmtp", "96 stereo=0"), opus.Local.Media[0].Attributes);
        Assert.Equal(AudioCodec.Opus, opus.Media!.RemoteFormats[0].Codec);
        Negotiation g729 = OfferAnswer.MakeAnswer(Legs.Local(), offer, [new(18, AudioCodec.G729)], null);
        Assert.Equal(AudioCodec.G729, g729.Media!.Codec);                                       // passed through, though we have no G.729
    }

    [Fact]
    public void Without_a_match_our_own_codec_in_the_peers_order_is_chosen()
    {
        SessionDescription offer = Phones.Read(Phones.Gnome);
        Assert.Equal(AudioCodec.Pcma, OfferAnswer.MakeAnswer(Legs.Local(), offer, [new(18, AudioCodec.G729)], null).Media!.Codec);
        LocalMedia gsmOnly = Legs.Local() with { Codecs = [AudioCodec.Opus] };
        Assert.Equal(NegotiationFault.NoCommonCodec, OfferAnswer.MakeAnswer(gsmOnly, offer, [new(18, AudioCodec.G729)], null).Fault);
        Assert.Equal(AudioCodec.Pcma, OfferAnswer.MakeAnswer(gsmOnly, offer, [], null).Media!.Codec);      // an echo need not understand
        Assert.Equal(NegotiationFault.NoCommonCodec, OfferAnswer.MakeAnswer(gsmOnly with { AllowOtherCodecs = false }, offer, [], null).Fault);
    }

    [Fact]
    public void AMR_is_matched_with_its_octet_alignment()                       // INTEROP I57
    {
        SessionDescription offer = Legs.Peer("m=audio 4 RTP/AVP 96 97 0\r\na=rtpmap:96 AMR/8000\r\na=rtpmap:97 AMR/8000\r\na=fmtp:97 octet-align=1\r\n");
        var aligned = new PayloadFormat(100, new AudioCodec("AMR", 8000), "mode-set=7; octet-align=1");
        Assert.Equal(97, OfferAnswer.MakeAnswer(Legs.Local(), offer, [aligned], null).Media!.Send.PayloadType);
        Assert.Equal(96, OfferAnswer.MakeAnswer(Legs.Local(), offer, [aligned with { Parameters = "octet-align=0" }], null).Media!.Send.PayloadType);
    }

    [Theory]                                                                    // RFC 3264 §6.1, §8.4; INTEROP I59
    [InlineData("a=sendrecv", "IN IP4 192.0.2.9", "sendrecv", MediaDirection.SendRecv, false)]
    [InlineData("a=sendonly", "IN IP4 192.0.2.9", "recvonly", MediaDirection.RecvOnly, true)]
    [InlineData("a=recvonly", "IN IP4 192.0.2.9", "sendonly", MediaDirection.SendOnly, false)]
    [InlineData("a=inactive", "IN IP4 192.0.2.9", "inactive", MediaDirection.Inactive, true)]
    [InlineData("a=sendrecv", "IN IP4 0.0.0.0", "recvonly", MediaDirection.RecvOnly, true)]
    [InlineData("a=sendonly", "IN IP6 ::", "recvonly", MediaDirection.RecvOnly, true)]
    [InlineData("a=inactive", "IN IP4 0.0.0.0", "inactive", MediaDirection.Inactive, true)]
    public void Hold_is_answered_as_the_rfc_says(string line, string connection, string answered, MediaDirection ours, bool held)
    {
        Negotiation result = OfferAnswer.MakeAnswer(Legs.Local(), Legs.Peer($"m=audio 4 RTP/AVP 0\r\n{line}\r\n", connection), [], null);
        Assert.True(result.Local!.Media[0].Has(answered));
        Assert.Equal((ours, held), (result.Media!.Direction, result.Media.RemoteHeld));
    }

    [Fact]
    public void A_session_level_direction_counts_for_sections_without_one()
    {
        SessionDescription offer = Phones.Read("v=0\r\nc=IN IP4 192.0.2.9\r\na=sendonly\r\nm=audio 4 RTP/AVP 0\r\n");
        Assert.Equal(MediaDirection.RecvOnly, OfferAnswer.MakeAnswer(Legs.Local(), offer, [], null).Media!.Direction);
    }

    [Fact]
    public void Our_own_hold_narrows_the_answer()
    {
        LocalMedia holding = Legs.Local() with { Direction = MediaDirection.SendOnly };
        Negotiation result = OfferAnswer.MakeAnswer(holding, Phones.Read(Phones.Gnome), [], null);
        Assert.Equal((MediaDirection.SendOnly, false), (result.Media!.Direction, result.Media.RemoteHeld));
    }

    [Fact]
    public void All_sections_are_answered_and_the_first_usable_audio_is_taken()     // RFC 3264 §6; INTEROP I64
    {
        SessionDescription offer = Legs.Peer(
            "m=audio 4 UDP/TLS/RTP/SAVPF 111\r\na=rtpmap:111 opus/48000/2\r\nm=audio 6 RTP/AVP 0\r\nm=audio 8 RTP/AVP 8\r\nm=image 10 udptl t38\r\nm=x 12 y\r\n");
        Negotiation result = OfferAnswer.MakeAnswer(Legs.Local(), offer, [], null);
        Assert.Equal(1, result.Media!.MediaIndex);
        Assert.Equal(
            [("audio", 0, "UDP/TLS/RTP/SAVPF"), ("audio", 20000, "RTP/AVP"), ("audio", 0, "RTP/AVP"), ("image", 0, "udptl"), ("x", 0, "y")],
            result.Local!.Media.Select(m => (m.Kind, m.Port, m.Protocol)));
        Phones.Read(result.Local.Write());
    }

    [Fact]
    public void Comfort_noise_is_agreed_on_with_phones_and_not_with_browsers()       // RFC 3389 §4; Chromium sends noise for a steady tone where it is agreed on
    {
        string fingerprint = "sha-256 " + string.Join(':', Enumerable.Repeat("AB", 32));
        LocalMedia local = Legs.Local(SrtpPolicy.Optional) with { Dtls = new LocalDtls(fingerprint, "abcdef", new string('p', 24)) };
        SessionDescription phone = Legs.Peer("m=audio 4 RTP/AVP 8 13\r\n"),
            browser = Legs.Peer($"m=audio 4 UDP/TLS/RTP/SAVPF 8 13\r\na=rtcp-mux\r\na=setup:actpass\r\na=fingerprint:{fingerprint}\r\na=ice-ufrag:wxyz\r\na=ice-pwd:{new string('q', 24)}\r\n");
        Assert.Equal(13, OfferAnswer.MakeAnswer(local, phone, [], null).Media!.SendComfortNoise!.PayloadType);
        Negotiation withBrowser = OfferAnswer.MakeAnswer(local, browser, [], null);
        Assert.Equal(NegotiationFault.None, withBrowser.Fault);
        Assert.Null(withBrowser.Media!.SendComfortNoise);
        Assert.Equal([8], withBrowser.Local!.Media[0].PayloadFormats().Select(f => (int)f.PayloadType));
        Assert.Equal((true, false), (OfferAnswer.ReadOffer(local, phone).ComfortNoise, OfferAnswer.ReadOffer(local, browser).ComfortNoise));
    }

    [Fact]
    public void Of_a_clear_and_an_encrypted_section_the_policy_picks()
    {
        SessionDescription offer = Legs.Peer($"m=audio 4 RTP/SAVP 0\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{Phones.Key1}\r\nm=audio 6 RTP/AVP 0\r\n");
        Assert.Equal(1, OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Off), offer, [], null).Media!.MediaIndex);
        Assert.Equal(0, OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Optional), offer, [], null).Media!.MediaIndex);
        Assert.Equal(0, OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Required), offer, [], null).Media!.MediaIndex);
    }

    [Theory]                                                                    // INTEROP I50
    [InlineData(30, "30")]
    [InlineData(40, "40")]
    [InlineData(35, "20")]
    [InlineData(200, "20")]
    public void The_packet_time_asked_for_is_answered_if_it_is_a_usual_one(int asked, string answered)
    {
        Negotiation result = OfferAnswer.MakeAnswer(Legs.Local(), Legs.Peer($"m=audio 4 RTP/AVP 0\r\na=ptime:{asked}\r\na=maxptime:150\r\n"), [], null);
        Assert.Equal(answered, result.Local!.Media[0].Attribute("ptime"));
        Assert.Equal((asked, 150), (result.Media!.PtimeMilliseconds, result.Media.MaxPtimeMilliseconds));
        Assert.False(result.Local.Media[0].Has("maxptime"));
    }

    [Fact]
    public void Mux_is_agreed_only_if_both_want_it()
    {
        SessionDescription offer = Phones.Read(Phones.Rich);
        NegotiatedMedia both = OfferAnswer.MakeAnswer(Legs.Local() with { RtcpMux = true }, offer, [], null).Media!;
        Assert.Equal((true, both.RemotePort), (both.RtcpMux, both.RemoteRtcpPort));
        NegotiatedMedia one = OfferAnswer.MakeAnswer(Legs.Local(), offer, [], null).Media!;
        Assert.Equal((false, one.RemotePort + 1), (one.RtcpMux, one.RemoteRtcpPort));
    }

    [Fact]
    public void Telephone_event_at_another_rate_is_better_than_none()           // INTEROP I52
    {
        SessionDescription offer = Legs.Peer("m=audio 4 RTP/AVP 111 101\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n");
        Assert.Equal(["111", "101"], OfferAnswer.MakeAnswer(Legs.Local(), offer, [], null).Local!.Media[0].Formats);
        Assert.Equal(["111"], OfferAnswer.MakeAnswer(Legs.Local() with { TelephoneEvent = false }, offer, [], null).Local!.Media[0].Formats);
    }

    private static SessionDescription AvpWithKeys() => Legs.Peer(
        $"m=audio 4 RTP/AVP 0\r\na=crypto:3 AEAD_AES_256_GCM inline:{Phones.Key1}\r\na=crypto:7 AES_CM_128_HMAC_SHA1_32 inline:{Phones.Key1}\r\na=crypto:8 AES_CM_128_HMAC_SHA1_80 inline:{Phones.Key2}\r\n");
}
