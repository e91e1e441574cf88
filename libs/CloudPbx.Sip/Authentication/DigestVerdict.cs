namespace CloudPbx.Sip.Authentication;

/// <summary>What <see cref="DigestServer"/> says of credentials.</summary>
public enum DigestVerdict
{
    /// <summary>The user knows the secret, and the nonce and its count were not used before.</summary>
    Accepted,

    /// <summary>The user knows the secret, but the nonce is too old or its count is unknown here or was used before: challenge again with <c>stale=true</c>.</summary>
    Stale,

    /// <summary>Wrong secret, unknown user, other realm, unknown algorithm, or a digest-uri of another request: challenge again.</summary>
    Refused,
}
