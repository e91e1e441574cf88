namespace CloudPbx.Sip.Authentication;

/// <summary>Settings of <see cref="DigestServer"/>.</summary>
public sealed record DigestServerOptions
{
    /// <summary>Gets how long a nonce is good. At most 300 s.</summary>
    public TimeSpan NonceLifetime { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>Gets how many nonces are remembered with their counts; when more are in use, the oldest become stale.</summary>
    public int MaximumNonces { get; init; } = 16_384;

    /// <summary>Gets whether the digest-uri is compared with the Request-URI, as leniently as real phones need (see <see cref="DigestUri"/>).</summary>
    public bool CompareUri { get; init; } = true;
}
