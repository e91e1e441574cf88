using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Rtp.Security;

/// <summary>Lengths and names of profiles.</summary>
public static class SrtpProfiles
{
    /// <summary>The most octets of key and salt that a profile has.</summary>
    public const int MaxKeySaltLength = 32 + 14;

    /// <summary>The most octets that any profile adds to an RTP packet.</summary>
    public const int MaxRtpOverhead = 16;

    /// <summary>The most octets that any profile adds to an RTCP packet.</summary>
    public const int MaxRtcpOverhead = 4 + 16;

    /// <summary>The profile of a suite name in <c>a=crypto</c> (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §14.1).</summary>
    /// <param name="suite">For example <c>AES_CM_128_HMAC_SHA1_80</c>.</param>
    /// <param name="profile">The profile.</param>
    /// <returns>False if the suite is none of ours.</returns>
    public static bool TryFromSuite([NotNullWhen(true)] string? suite, out SrtpProfile profile)
    {
        SrtpProfile? found = suite switch
        {
            "AES_CM_128_HMAC_SHA1_80" => SrtpProfile.AesCm128HmacSha1Tag80,
            "AES_CM_128_HMAC_SHA1_32" => SrtpProfile.AesCm128HmacSha1Tag32,
            "AES_256_CM_HMAC_SHA1_80" => SrtpProfile.AesCm256HmacSha1Tag80,
            "AES_256_CM_HMAC_SHA1_32" => SrtpProfile.AesCm256HmacSha1Tag32,
            "AEAD_AES_128_GCM" => SrtpProfile.AeadAes128Gcm,
            "AEAD_AES_256_GCM" => SrtpProfile.AeadAes256Gcm,
            _ => null,
        };
        profile = found.GetValueOrDefault();
        return found is not null;
    }

    /// <summary>Octets of the master key, and of the session keys for encryption.</summary>
    /// <param name="profile">A profile.</param>
    /// <returns>16 or 32.</returns>
    public static int KeyLength(this SrtpProfile profile) =>
        profile is SrtpProfile.AesCm256HmacSha1Tag80 or SrtpProfile.AesCm256HmacSha1Tag32 or SrtpProfile.AeadAes256Gcm ? 32 : 16;

    /// <summary>Octets of the master salt.</summary>
    /// <param name="profile">A profile.</param>
    /// <returns>14, or 12 for the AEAD profiles (RFC 7714 §12).</returns>
    public static int SaltLength(this SrtpProfile profile) => profile.IsAead() ? 12 : 14;

    /// <summary>Octets of key and salt as SDES carries them.</summary>
    /// <param name="profile">A profile.</param>
    /// <returns>28, 30, 44 or 46.</returns>
    public static int KeySaltLength(this SrtpProfile profile) => profile.KeyLength() + profile.SaltLength();

    /// <summary>Octets of the tag on an RTP packet: all that protection adds to it.</summary>
    /// <param name="profile">A profile.</param>
    /// <returns>16 for the AEAD profiles, else 10 or 4.</returns>
    public static int RtpTagLength(this SrtpProfile profile) =>
        profile.IsAead() ? 16 : profile is SrtpProfile.AesCm128HmacSha1Tag32 or SrtpProfile.AesCm256HmacSha1Tag32 ? 4 : 10;

    /// <summary>Octets of the tag on an RTCP packet; the index takes four more.</summary>
    /// <param name="profile">A profile.</param>
    /// <returns>16 for the AEAD profiles, else 10, also where RTP has short tags (RFC 4568 §6.2.2).</returns>
    public static int RtcpTagLength(this SrtpProfile profile) => profile.IsAead() ? 16 : 10;

    internal static bool IsAead(this SrtpProfile profile) => profile is SrtpProfile.AeadAes128Gcm or SrtpProfile.AeadAes256Gcm;
}
