namespace CloudPbx.Sip.Authentication;

/// <summary>Phones known to accept a challenge that names SHA-256 beside MD5 (RFC 8760 §2.3). Others give up at the sight of it.</summary>
/// <remarks>Edges and workers challenge; both have to judge alike.</remarks>
public static class Sha256Phones
{
    /// <summary>Whether a phone is one of them.</summary>
    /// <param name="userAgent">What it calls itself; empty where it does not.</param>
    public static bool Include(ReadOnlySpan<byte> userAgent) => userAgent.StartsWith("CloudPbx"u8);

    /// <inheritdoc cref="Include(ReadOnlySpan{byte})"/>
    public static bool Include(string? userAgent) => userAgent is not null && userAgent.StartsWith("CloudPbx", StringComparison.Ordinal);
}
