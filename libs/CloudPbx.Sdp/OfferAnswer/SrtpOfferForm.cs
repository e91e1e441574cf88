namespace CloudPbx.Sdp;

/// <summary>How an offer speaks of encryption. Phones differ in what they bear; the caller of <see cref="OfferAnswer.MakeOffer"/> knows its peer.</summary>
public enum SrtpOfferForm
{
    /// <summary>RTP/AVP without keys.</summary>
    Clear,

    /// <summary>RTP/SAVP with keys: the standard form; peers without encryption refuse it.</summary>
    Savp,

    /// <summary>UDP/TLS/RTP/SAVPF with ICE: what browsers speak (RFC 8827 §6.5).</summary>
    Dtls,

    /// <summary>RTP/AVP with keys: peers that know this habit encrypt, the others ignore the keys.</summary>
    ClearWithKeys,
}
