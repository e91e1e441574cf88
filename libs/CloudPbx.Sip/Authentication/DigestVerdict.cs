namespace CloudPbx.Sip.Authentication;

/// <summary>What <see cref="DigestServer"/> says of credentials.</summary>
public enum DigestVerdict
{
    /// <summary>The user knows the secret, and the nonce and its count were not used before.</summary>
    Accepted,

    /// <summary>The nonce is not ours, too old or somebody else's, which says nothing of the secret; or the user knows the secret, but the count is unknown here or
    /// was used before: challenge again with <c>stale=true</c>.</summary>
    Stale,

    /// <summary>Answers our challenge by a wrong secret, an unknown user, an unknown algorithm or a digest-uri of another request: challenge again.</summary>
    Refused,
}
