using CsCheck;

namespace CloudPbx.Sdp.Tests;

public sealed class ReceiveAnswerTests
{
    [Fact]
    public void One_codec_with_events_is_agreed()
    {
        NegotiatedMedia media = Receive(Legs.Local(), "m=audio 7000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:30\r\n");
        Assert.Equal(new PayloadFormat(0, AudioCodec.Pcmu), media.Send);
        Assert.Equal(101, media.SendTelephoneEvent!.PayloadType);
        Assert.Equal(("192.0.2.9", 7000, 7001, 30, true), (media.RemoteConnection.Host, media.RemotePort, media.RemoteRtcpPort, media.PtimeMilliseconds, media.StatesPtime));
        Assert.Equal(MediaDirection.SendRecv, media.Direction);
        Assert.False(media.Encrypted);
    }

    [Fact]
    public void We_send_with_the_peers_numbers_and_take_both()                  // INTEROP I52, I55
    {
        NegotiatedMedia media = Receive(
            Legs.Local() with { Codecs = [AudioCodec.Opus, AudioCodec.Pcma] },
            "m=audio 7000 RTP/AVP 107 98 120\r\na=rtpmap:107 opus/48000/2\r\na=rtpmap:98 telephone-event/8000\r\na=rtpmap:120 telephone-event/48000\r\n");
        Assert.Equal((107, 120), (media.Send.PayloadType, media.SendTelephoneEvent!.PayloadType));
        Assert.Equal(
            [(96, "opus"), (101, "telephone-event"), (97, "telephone-event"), (107, "opus"), (98, "telephone-event"), (120, "telephone-event")],
            media.Receive.Select(f => (f.PayloadType, f.Codec.Name)).OrderBy(f => f.PayloadType is 96 or 97 or 101 ? 0 : 1).ThenBy(f => f.PayloadType is 101 ? 96.5 : f.PayloadType is 98 ? 107.5 : f.PayloadType));
    }

    [Fact]
    public void A_number_that_means_something_else_here_is_not_taken_from_the_peer()
    {
        // The peer uses 96 for events, we use it for opus: an arriving 96 is opus.
        NegotiatedMedia media = Receive(Legs.Local(), "m=audio 7000 RTP/AVP 8 96\r\na=rtpmap:96 telephone-event/8000\r\n");
        Assert.Equal(96, media.SendTelephoneEvent!.PayloadType);
        Assert.DoesNotContain(media.Receive, f => f.PayloadType == 96);
    }

    [Fact]
    public void Codecs_never_offered_are_skipped()                              // INTEROP I55
    {
        NegotiatedMedia media = Receive(Legs.Local(), "m=audio 7000 RTP/AVP 18 4 8 0\r\n");
        Assert.Equal(AudioCodec.Pcma, media.Codec);
        Assert.Equal([8, 0], media.RemoteFormats.Select(f => f.PayloadType));
        Assert.Equal([8, 0], media.Receive.Select(f => f.PayloadType));         // the peer may switch between both
    }

    [Fact]
    public void A_dynamic_number_without_rtpmap_means_what_it_meant_in_the_offer() =>
        Assert.Equal(AudioCodec.Opus, Receive(Legs.Local(), "m=audio 7000 RTP/AVP 96\r\n").Codec);

    [Theory]
    [InlineData("m=audio 0 RTP/AVP 0\r\n", NegotiationFault.Refused)]
    [InlineData("", NegotiationFault.Refused)]
    [InlineData("m=video 4 RTP/AVP 0\r\n", NegotiationFault.Refused)]
    [InlineData("m=audio 4 RTP/AVP 18\r\n", NegotiationFault.NoCommonCodec)]
    [InlineData("m=audio 4 RTP/AVP 101\r\n", NegotiationFault.NoCommonCodec)]
    [InlineData("m=audio 4 UDP/TLS/RTP/SAVP 0\r\n", NegotiationFault.Protocol)]
    public void A_useless_answer_is_named(string media, NegotiationFault expected) =>
        Assert.Equal(expected, Try(Legs.Local(), SrtpOfferForm.Clear, media).Fault);

    [Fact]
    public void The_answered_key_is_used_with_ours_of_that_tag()
    {
        NegotiatedMedia media = Try(Legs.Local(SrtpPolicy.Required), SrtpOfferForm.Savp, $"m=audio 4 RTP/SAVP 8\r\na=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{Phones.Key2}\r\n").Media!;
        Assert.True(media.Encrypted);
        Assert.Equal((2, CryptoAttribute.AesCm128HmacSha1Tag32, (byte)0x32), (media.LocalKey!.Tag, media.LocalKey.Suite, media.LocalKey.KeySalt.Span[0]));
        Assert.Equal(Convert.FromBase64String(Phones.Key2), media.RemoteKey!.KeySalt.ToArray());
    }

    [Theory]
    [InlineData(SrtpPolicy.Required, "RTP/AVP", "", NegotiationFault.EncryptionRequired)]
    [InlineData(SrtpPolicy.Required, "RTP/SAVP", "", NegotiationFault.EncryptionRequired)]
    [InlineData(SrtpPolicy.Optional, "RTP/SAVP", "", NegotiationFault.NoUsableKey)]
    [InlineData(SrtpPolicy.Optional, "RTP/AVP", "", NegotiationFault.None)]                     // it goes on in clear
    [InlineData(SrtpPolicy.Optional, "RTP/SAVP", "a=crypto:9 AES_CM_128_HMAC_SHA1_80 inline:" + Phones.Key1, NegotiationFault.None)]
    [InlineData(SrtpPolicy.Optional, "RTP/SAVP", "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:" + Phones.Key1, NegotiationFault.NoUsableKey)]
    public void An_answer_without_our_keys_is_judged_by_the_policy(SrtpPolicy policy, string protocol, string line, NegotiationFault expected) =>
        Assert.Equal(expected, Try(Legs.Local(policy), SrtpOfferForm.Savp, $"m=audio 4 {protocol} 8\r\n{line}\r\n").Fault);

    [Fact]
    public void A_held_answer_stops_our_sending()
    {
        Assert.Equal(MediaDirection.RecvOnly, Receive(Legs.Local(), "m=audio 4 RTP/AVP 8\r\na=sendonly\r\n").Direction);
        Assert.True(Receive(Legs.Local(), "m=audio 4 RTP/AVP 8\r\nc=IN IP4 0.0.0.0\r\n").RemoteHeld);
    }

    [Fact]
    public void Whatever_two_of_us_offer_and_answer_they_agree()
    {
        AudioCodec[] all = [AudioCodec.Pcma, AudioCodec.Pcmu, AudioCodec.G722, AudioCodec.Opus, AudioCodec.Gsm, new("speex", 16000)];
        Gen<AudioCodec[]> codecs = Gen.Shuffle(all, 1, all.Length);
        Gen.Select(codecs, codecs, Gen.Enum<SrtpPolicy>(), Gen.Enum<SrtpPolicy>(), Gen.Enum<SrtpOfferForm>(), Gen.Enum<MediaDirection>(), Gen.Enum<MediaDirection>(), Gen.Bool).Sample(
            (hers, his, herPolicy, hisPolicy, form, herDirection, hisDirection, mux) =>
            {
                LocalMedia alice = Legs.Local(herPolicy) with { Codecs = hers, Direction = herDirection, RtcpMux = mux };
                LocalMedia bob = Legs.Local(hisPolicy) with { Codecs = his, Direction = hisDirection, Port = 30000, RtcpMux = true, AllowOtherCodecs = false };
                SessionDescription offer = OfferAnswer.MakeOffer(alice, form, [], null);
                Negotiation atBob = OfferAnswer.MakeAnswer(bob, Phones.Read(offer.Write()), [], null);
                if (!atBob.Succeeded)
                {
                    bool noCodec = !hers.Intersect(his).Any();
                    bool clear = !offer.Media[0].IsSdesProfile && hisPolicy == SrtpPolicy.Required;
                    Assert.True(noCodec || clear, atBob.Fault.ToString());
                    return;
                }
                Negotiation atAlice = OfferAnswer.ReceiveAnswer(alice, offer, Phones.Read(atBob.Local!.Write()));
                Assert.Equal(NegotiationFault.None, atAlice.Fault);
                (NegotiatedMedia a, NegotiatedMedia b) = (atAlice.Media!, atBob.Media!);
                Assert.Equal(a.Codec, b.Codec);
                Assert.Equal(a.Direction, b.Direction.Reverse());
                Assert.Equal((a.Encrypted, a.RtcpMux), (b.Encrypted, b.RtcpMux));
                Assert.Equal(a.LocalKey?.KeySalt.ToArray(), b.RemoteKey?.KeySalt.ToArray());
                Assert.Equal(a.RemoteKey?.KeySalt.ToArray(), b.LocalKey?.KeySalt.ToArray());
                Assert.Contains(b.Receive, f => f.PayloadType == a.Send.PayloadType && f.Codec.Equals(a.Codec));
                Assert.Contains(a.Receive, f => f.PayloadType == b.Send.PayloadType && f.Codec.Equals(b.Codec));
            }, iter: 1000);
    }

    private static NegotiatedMedia Receive(LocalMedia local, string media) => Try(local, SrtpOfferForm.Clear, media).Media!;

    private static Negotiation Try(LocalMedia local, SrtpOfferForm form, string media) =>
        OfferAnswer.ReceiveAnswer(local, OfferAnswer.MakeOffer(local, form, [], null), Legs.Peer(media));
}
