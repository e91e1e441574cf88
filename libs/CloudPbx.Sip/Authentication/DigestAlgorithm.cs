namespace CloudPbx.Sip.Authentication;

/// <summary>The digest algorithms known here (RFC 7616 §6.1, RFC 8760).</summary>
public enum DigestAlgorithm
{
    /// <summary>Another algorithm (SHA-512-256, AKAv1-MD5 …): such a challenge is skipped, such credentials are refused.</summary>
    Unknown,

    /// <summary><c>MD5</c>, also meant when no algorithm is named.</summary>
    Md5,

    /// <summary><c>MD5-sess</c>.</summary>
    Md5Session,

    /// <summary><c>SHA-256</c>.</summary>
    Sha256,

    /// <summary><c>SHA-256-sess</c>.</summary>
    Sha256Session,
}
