using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Rtp.Security;

/// <summary>A protection profile (RFC 3711 §5, RFC 4568 §6.2): AES-128 counter mode with HMAC-SHA1, 80-bit tags on RTCP.</summary>
public enum SrtpProfile
{
    /// <summary>80-bit tags on RTP.</summary>
    AesCm128HmacSha1Tag80,

    /// <summary>32-bit tags on RTP.</summary>
    AesCm128HmacSha1Tag32,
}

/// <summary>Lengths and names of profiles.</summary>
public static class SrtpProfiles
{
    /// <summary>Octets of the master key.</summary>
    public const int KeyLength = 16;

    /// <summary>Octets of the master salt.</summary>
    public const int SaltLength = 14;

    /// <summary>Octets of key and salt as SDES carries them.</summary>
    public const int KeySaltLength = KeyLength + SaltLength;

    /// <summary>The profile of a suite name in <c>a=crypto</c> (RFC 4568 §6.2).</summary>
    /// <param name="suite">For example <c>AES_CM_128_HMAC_SHA1_80</c>.</param>
    /// <param name="profile">The profile.</param>
    /// <returns>False if the suite is none of ours.</returns>
    public static bool TryFromSuite([NotNullWhen(true)] string? suite, out SrtpProfile profile)
    {
        profile = suite == "AES_CM_128_HMAC_SHA1_32" ? SrtpProfile.AesCm128HmacSha1Tag32 : SrtpProfile.AesCm128HmacSha1Tag80;
        return suite is "AES_CM_128_HMAC_SHA1_80" or "AES_CM_128_HMAC_SHA1_32";
    }

    /// <summary>Octets that protection adds to an RTP packet.</summary>
    /// <param name="profile">A profile.</param>
    /// <returns>10 or 4.</returns>
    public static int RtpTagLength(this SrtpProfile profile) => profile == SrtpProfile.AesCm128HmacSha1Tag32 ? 4 : 10;
}
