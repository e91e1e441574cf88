namespace CloudPbx.Data.Keys;

/// <summary>A key of the platform's own: it signs or encrypts tokens, or protects cookies. Sealed under the platform key.</summary>
public sealed class GlobalKey
{
    /// <summary>Its identifier; part of what is authenticated, so that a sealed key cannot be put in another's place.</summary>
    public required Guid Id { get; init; }

    /// <summary>What for: <c>signing</c>, <c>encryption</c>, <c>protection</c>.</summary>
    public required string Purpose { get; init; }

    /// <summary>The key, sealed by <see cref="PlatformSeal"/>.</summary>
    public required byte[] Sealed { get; init; }

    /// <summary>Its public half as a JSON Web Key (RFC 7517), of a signing key: who only verifies needs no more.</summary>
    public string? PublicKey { get; init; }

    /// <summary>When it was made, UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
