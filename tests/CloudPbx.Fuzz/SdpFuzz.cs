using CloudPbx.Sdp;

namespace CloudPbx.Fuzz;

/// <summary>Reads a description and negotiates with it in every role, as a media node does with a stranger's.</summary>
internal static class SdpFuzz
{
    private static readonly LocalMedia s_local = new()
    {
        SessionId = "1",
        Address = "192.0.2.100",
        Port = 20000,
        Codecs = [AudioCodec.Pcma, AudioCodec.Opus],
        Srtp = SrtpPolicy.Optional,
        Keys = [CryptoAttribute.Generate(1, CryptoAttribute.AesCm128HmacSha1Tag80, span => span.Clear())],
        RtcpMux = true,
    };

    private static readonly SessionDescription s_offer = OfferAnswer.MakeOffer(s_local, SrtpOfferForm.ClearWithKeys, [], null);

    public static void Description(ReadOnlySpan<byte> octets)
    {
        if (SessionDescription.TryParse(octets, out SessionDescription? sdp) != SdpParseError.None)
            return;
        string once = sdp!.Write();
        if (SessionDescription.TryParse(once, out SessionDescription? again) != SdpParseError.None || again!.Write() != once)
            throw new InvalidOperationException("Written and read again it is another.");
        OfferAnswer.ReadOffer(s_local, sdp);
        Negotiation answered = OfferAnswer.MakeAnswer(s_local, sdp, [], null);
        if (answered.Succeeded)
        {
            if (answered.Local!.Media.Count != sdp.Media.Count)
                throw new InvalidOperationException("The answer has another number of sections.");
            OfferAnswer.MakeOffer(s_local, SrtpOfferForm.Savp, answered.Media!.RemoteFormats, answered.Local);
        }
        OfferAnswer.ReceiveAnswer(s_local, s_offer, sdp);
        PassedAnswer[] passed = [.. OfferAnswer.ReadPassed(SrtpPolicy.Optional, sdp).Select(offered => new PassedAnswer(offered, new LocalPassed(20002, s_local.Keys), offered.Words))];
        if (passed.Length > 0)
            OfferAnswer.ReceiveAnswer(s_local, OfferAnswer.MakeOffer(s_local, SrtpOfferForm.Savp, [], sdp, [.. passed.Select(p => new PassedOffer(p.Local, p.Words, MediaDirection.SendRecv))], hasAudio: false), sdp);
        OfferAnswer.MakeAnswerWithoutAudio(s_local, sdp, passed, null);
    }
}
