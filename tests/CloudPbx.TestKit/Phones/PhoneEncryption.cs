namespace CloudPbx.TestKit.Phones;

/// <summary>Whether a phone encrypts its media with SRTP, keys by SDES (RFC 4568).</summary>
public enum PhoneEncryption
{
    /// <summary>RTP in clear; offers of SRTP are refused.</summary>
    Never,

    /// <summary>SRTP is offered, clear RTP is put up with.</summary>
    Preferred,

    /// <summary>SRTP or no call.</summary>
    Required,
}
