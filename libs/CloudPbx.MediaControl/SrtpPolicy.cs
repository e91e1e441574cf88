namespace CloudPbx.MediaControl;

/// <summary>Whether a leg's RTP is encrypted by SDES-SRTP (RFC 3711, RFC 4568).</summary>
public enum SrtpPolicy
{
    /// <summary>Plain RTP only.</summary>
    Off,

    /// <summary>As the peer wants; <see cref="LegPolicy.OfferSecureProfile"/> says what is offered.</summary>
    Optional,

    /// <summary>Encrypted, or no call.</summary>
    Required,
}
