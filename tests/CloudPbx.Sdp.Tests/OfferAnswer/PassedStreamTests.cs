namespace CloudPbx.Sdp.Tests;

/// <summary>Fax and video beside the audio (RFC 3264 §5.1, §6, §8; RFC 3362 and ITU-T T.38 Annex D for fax; RFC 4585 for feedback).</summary>
public sealed class PassedStreamTests
{
    private const string Audio = "m=audio 5000 RTP/AVP 8\r\n";
    private const string Fax = "m=image 5002 udptl t38\r\na=T38FaxVersion:0\r\na=T38MaxBitRate:14400\r\na=T38FaxRateManagement:transferredTCF\r\na=T38FaxUdpEC:t38UDPRedundancy\r\na=T38FaxFillBitRemoval\r\na=X-inside:10.0.0.1\r\n";
    private const string Video = "m=video 5004 RTP/AVPF 96 97\r\nb=TIAS:512000\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=1\r\na=rtcp-fb:* ccm fir\r\na=candidate:1 1 UDP 1 10.0.0.1 9 typ host\r\na=sendonly\r\n";

    [Fact]
    public void A_fax_and_a_video_are_found_with_their_own_words_and_nothing_of_their_addresses()
    {
        IReadOnlyList<OfferedPassed> passed = OfferAnswer.ReadPassed(SrtpPolicy.Optional, Legs.Peer(Audio + Fax + Video));
        Assert.Equal([(1, PassedKind.Fax), (2, PassedKind.Video)], passed.Select(p => (p.Index, p.Words.Kind)));
        Assert.Equal(5, passed[0].Words.Attributes.Count);
        Assert.DoesNotContain(passed.SelectMany(p => p.Words.Attributes), a => a.ToString().Contains("10.0.0.1", StringComparison.Ordinal));
        Assert.Equal((MediaDirection.RecvOnly, true, "TIAS:512000"), (passed[1].Direction, passed[1].Words.Feedback, passed[1].Words.Bandwidth[0].Value));
        Assert.Contains(new SdpAttribute("rtcp-fb", "* ccm fir"), passed[1].Words.Attributes);
    }

    [Theory]
    [InlineData("m=image 0 udptl t38\r\n")]
    [InlineData("m=image 5002 udptl t37\r\n")]
    [InlineData("m=image 5002 tcp t38\r\n")]
    [InlineData("m=image 5002 UDP/TLS/UDPTL t38\r\n")]                                // RFC 7345: not ours
    [InlineData("m=video 5004 UDP/TLS/RTP/SAVPF 96\r\n")]                              // a transport of its own
    [InlineData("m=video 5004 RTP/SAVP 96\r\n")]                                       // no key
    [InlineData("m=video 5004 RTP/AVP x 128 -1\r\n")]
    [InlineData("m=application 5004 RTP/AVP 96\r\n")]
    public void What_cannot_be_passed_on_is_not_found(string section) => Assert.Empty(OfferAnswer.ReadPassed(SrtpPolicy.Optional, Legs.Peer(Audio + section)));

    private static readonly string s_fingerprint = "sha-256 " + string.Join(':', Enumerable.Repeat("AB", 32));
    private static readonly string s_transport = $"a=rtcp-mux\r\na=setup:actpass\r\na=fingerprint:{s_fingerprint}\r\na=ice-ufrag:wxyz\r\na=ice-pwd:{new string('q', 24)}\r\n";

    private static LocalMedia Browsers => Legs.Local(SrtpPolicy.Required) with { Dtls = new LocalDtls(s_fingerprint, "abcdef", new string('p', 24)) };

    private static SessionDescription Browser(string group = "BUNDLE 0 1", string setup = "actpass", string port = "9", string more = "") => Phones.Read(
        $"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=group:{group}\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\na=mid:0\r\n{s_transport.Replace("actpass", setup, StringComparison.Ordinal)}"
        + $"m=video {port} UDP/TLS/RTP/SAVPF 96 97 101\r\na=mid:1\r\n{s_transport.Replace("actpass", setup, StringComparison.Ordinal)}{more}a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 transport-cc\r\n"
        + "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\na=rtpmap:101 H264/90000\r\na=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n");

    [Fact]
    public void Two_browsers_see_each_other_on_the_transport_that_they_talk_on()             // RFC 9143 §7
    {
        SessionDescription offer = Browser();
        OfferedPassed asked = Assert.Single(OfferAnswer.ReadPassed(SrtpPolicy.Required, offer));
        Assert.True(asked is { IsBundled: true, Index: 1, RemoteKey: null, Words.Feedback: true, Direction: MediaDirection.SendRecv });
        Assert.DoesNotContain(asked.Words.Attributes, a => a.ToString().Contains("transport", StringComparison.Ordinal));        // needs extensions, which are not passed on
        SessionDescription toOther = OfferAnswer.MakeOffer(Browsers, SrtpOfferForm.Dtls, [], null, [new PassedOffer(new LocalPassed(20000, []), asked.Words, asked.Direction)]);
        Assert.Contains(new SdpAttribute("group", "BUNDLE 0 1"), toOther.Attributes);
        MediaDescription video = toOther.Media[1];
        Assert.Equal((20000, "UDP/TLS/RTP/SAVPF", "1", true, "actpass"), (video.Port, video.Protocol, video.Attribute("mid"), video.RtcpMux, video.Attribute("setup")));
        Assert.Equal(["96", "97", "101"], video.Formats);
        Assert.Empty(toOther.Media[0].Formats.Intersect(video.Formats));                     // §9.1: one number, one meaning
        Negotiation theirs = OfferAnswer.ReceiveAnswer(Browsers, toOther, Browser(setup: "active"));
        NegotiatedPassed taken = Assert.Single(theirs.Passed);
        Assert.True(taken is { IsBundled: true, RtcpMux: true, Direction: MediaDirection.SendRecv });
        Assert.Equal(toOther.Write(), OfferAnswer.MakeOffer(Browsers, SrtpOfferForm.Dtls, [], toOther, [new PassedOffer(new LocalPassed(20000, []), asked.Words, asked.Direction)]).Write());

        Negotiation ours = OfferAnswer.MakeAnswer(Browsers with { RtcpMux = true }, offer, [], null, [new PassedAnswer(asked, new LocalPassed(20000, []), taken.Theirs)]);
        Assert.Contains(new SdpAttribute("group", "BUNDLE 0 1"), ours.Local!.Attributes);
        Assert.Equal((20000, "1", "passive"), (ours.Local.Media[1].Port, ours.Local.Media[1].Attribute("mid"), ours.Local.Media[1].Attribute("setup")));
        Assert.True(Assert.Single(ours.Passed).IsBundled);
        Assert.Contains(new SdpAttribute("group", "BUNDLE 0"), OfferAnswer.MakeAnswer(Browsers with { RtcpMux = true }, offer, [], null).Local!.Attributes);      // §7.3.3: refused, it leaves
    }

    [Fact]
    public void A_browsers_video_that_is_there_in_the_bundle_alone_is_found()                // RFC 9143 §6
    {
        Assert.True(OfferAnswer.ReadPassed(SrtpPolicy.Off, Browser(port: "0", more: "a=bundle-only\r\n")) is [{ IsBundled: true }]);
        Assert.Empty(OfferAnswer.ReadPassed(SrtpPolicy.Off, Browser(port: "0")));
        Assert.Empty(OfferAnswer.ReadPassed(SrtpPolicy.Off, Browser(group: "BUNDLE 0")));
    }

    [Fact]
    public void A_phones_video_reaches_a_browser_without_the_numbers_that_its_audio_has()
    {
        SessionDescription phone = Legs.Peer("m=audio 5000 RTP/AVP 96\r\na=rtpmap:96 opus/48000/2\r\nm=video 5004 RTP/AVP 96 97\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 H264/90000\r\n");
        OfferedPassed asked = Assert.Single(OfferAnswer.ReadPassed(SrtpPolicy.Off, phone));
        SessionDescription offer = OfferAnswer.MakeOffer(
            Browsers, SrtpOfferForm.Dtls, phone.Media[0].PayloadFormats(), null, [new PassedOffer(new LocalPassed(20000, []), asked.Words, asked.Direction)]);
        Assert.Equal(["96", "97"], offer.Media[1].Formats);
        Assert.DoesNotContain("96", offer.Media[0].Formats);
        Assert.Contains(offer.Media[0].PayloadFormats(), f => f.Codec.Equals(AudioCodec.Opus));
    }

    [Fact]
    public void Who_must_be_encrypted_has_no_fax_and_no_clear_video() => Assert.Empty(OfferAnswer.ReadPassed(SrtpPolicy.Required, Legs.Peer(Audio + Fax + Video)));

    [Fact]
    public void A_hostile_section_is_cut_down()
    {
        string formats = string.Join(' ', Enumerable.Range(0, 128)), lines = string.Concat(Enumerable.Range(0, 400).Select(i => $"a=rtcp-fb:96 x{i}\r\n"));
        PassedWords words = OfferAnswer.ReadPassed(SrtpPolicy.Off, Legs.Peer($"{Audio}m=video 5004 RTP/AVP 96 {formats}\r\n{lines}"))[0].Words;
        Assert.True(words is { Formats.Count: 24, Attributes.Count: 128 });
    }

    [Fact]
    public void The_other_party_is_offered_the_same_words_and_its_answer_goes_back()
    {
        SessionDescription offer = Legs.Peer(Audio + Video);
        OfferedPassed asked = OfferAnswer.ReadPassed(SrtpPolicy.Off, offer)[0];
        SessionDescription toOther = OfferAnswer.MakeOffer(
            Legs.Local(), SrtpOfferForm.Clear, [], null, [new PassedOffer(new LocalPassed(20002, []), asked.Words, asked.Direction.Reverse())]);
        Assert.EndsWith(
            "m=video 20002 RTP/AVPF 96 97\nb=TIAS:512000\na=rtpmap:96 VP8/90000\na=rtcp-fb:96 nack pli\na=rtpmap:97 H264/90000\na=fmtp:97 packetization-mode=1\na=rtcp-fb:* ccm fir\na=sendonly\n",
            Legs.Lines(toOther), StringComparison.Ordinal);
        Negotiation theirs = OfferAnswer.ReceiveAnswer(Legs.Local(), toOther, Legs.Peer(Audio + "m=video 7000 RTP/AVPF 97\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 packetization-mode=0\r\na=recvonly\r\n"));
        NegotiatedPassed taken = Assert.Single(theirs.Passed);
        Assert.Equal((7000, 7001, MediaDirection.SendOnly), (taken.RemotePort, taken.RemoteRtcpPort, taken.Direction));
        Negotiation ours = OfferAnswer.MakeAnswer(Legs.Local(), offer, [], null, [new PassedAnswer(asked, new LocalPassed(20004, []), taken.Theirs)]);
        Assert.EndsWith("m=video 20004 RTP/AVPF 97\na=rtpmap:97 H264/90000\na=fmtp:97 packetization-mode=0\na=recvonly\n", Legs.Lines(ours.Local!), StringComparison.Ordinal);
        Assert.Equal(5004, Assert.Single(ours.Passed).RemotePort);
    }

    [Fact]
    public void An_encrypted_section_has_a_key_of_its_own_that_the_answer_names()
    {
        CryptoAttribute key = CryptoAttribute.Generate(1, CryptoAttribute.AesCm128HmacSha1Tag80, span => span.Fill(0x11)), peer = CryptoAttribute.Generate(3, CryptoAttribute.AesCm128HmacSha1Tag80, span => span.Fill(0x22));
        SessionDescription offer = Legs.Peer($"m=audio 5000 RTP/AVP 8\r\nm=video 5004 RTP/SAVP 96\r\na=rtpmap:96 VP8/90000\r\na=crypto:{peer.ToAttributeValue()}\r\na=rtcp-mux\r\n");
        OfferedPassed asked = OfferAnswer.ReadPassed(SrtpPolicy.Optional, offer)[0];
        Negotiation ours = OfferAnswer.MakeAnswer(Legs.Local(SrtpPolicy.Optional), offer, [], null, [new PassedAnswer(asked, new LocalPassed(20004, [key]), asked.Words)]);
        NegotiatedPassed agreed = Assert.Single(ours.Passed);
        Assert.Equal((3, 0x11, 0x22), (agreed.LocalKey!.Tag, agreed.LocalKey.KeySalt.Span[0], agreed.RemoteKey!.KeySalt.Span[0]));
        Assert.True(agreed is { RtcpMux: true, RemoteRtcpPort: 5004 });
    }

    [Fact]
    public void A_fax_takes_the_place_of_the_audio_and_gives_it_back()                    // RFC 3264 §8.3.3
    {
        PassedWords fax = PassedWords.Of(Legs.Peer(Fax).Media[0])!;
        SessionDescription audio = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], null);
        SessionDescription image = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], audio, [new PassedOffer(new LocalPassed(20002, []), fax, MediaDirection.SendRecv)], hasAudio: false);
        Assert.Equal([("image", 20002)], image.Media.Select(m => (m.Kind, m.Port)));
        Assert.Equal("2", image.Origin!.SessionVersion);
        Negotiation answer = OfferAnswer.ReceiveAnswer(Legs.Local(), image, Legs.Peer(Fax));
        Assert.True(answer is { Succeeded: true, Media: null, Passed.Count: 1 });
        SessionDescription back = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], image);
        Assert.Equal([("audio", 20000)], back.Media.Select(m => (m.Kind, m.Port)));
    }

    [Fact]
    public void Sections_keep_their_places_over_offers()                                  // RFC 3264 §8
    {
        PassedWords fax = PassedWords.Of(Legs.Peer(Fax).Media[0])!, video = PassedWords.Of(Legs.Peer(Video).Media[0])!;
        PassedOffer image = new(new LocalPassed(20002, []), fax, MediaDirection.SendRecv), picture = new(new LocalPassed(20004, []), video, MediaDirection.SendRecv);
        SessionDescription both = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], null, [picture, image]);
        SessionDescription faxes = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], both, [image], hasAudio: false);
        Assert.Equal([("audio", 0), ("video", 0), ("image", 20002)], faxes.Media.Select(m => (m.Kind, m.Port)));
        SessionDescription again = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], faxes, [picture]);
        Assert.Equal([("audio", 20000), ("video", 20004), ("image", 0)], again.Media.Select(m => (m.Kind, m.Port)));
        Assert.Same(again, OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], again, [picture]));     // I60
    }

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 8\r\nm=image 7000 udptl t38\r\n", true)]              // I64: rtpengine#686
    [InlineData("m=audio 5000 RTP/AVP 8\r\nm=image 0 udptl t38\r\n", false)]
    [InlineData("m=audio 5000 RTP/AVP 8\r\n", false)]
    public void An_answer_may_take_one_of_two_streams(string answer, bool isFax)
    {
        PassedWords fax = PassedWords.Of(Legs.Peer(Fax).Media[0])!;
        SessionDescription offer = OfferAnswer.MakeOffer(Legs.Local(), SrtpOfferForm.Clear, [], null, [new PassedOffer(new LocalPassed(20002, []), fax, MediaDirection.SendRecv)]);
        Negotiation taken = OfferAnswer.ReceiveAnswer(Legs.Local(), offer, Legs.Peer(answer));
        Assert.Equal((true, isFax, isFax ? 1 : 0), (taken.Succeeded, taken.Media is null, taken.Passed.Count));
    }
}
