using System.Globalization;

namespace CloudPbx.Sdp;

/// <summary>What the peer brings for DTLS-SRTP and ICE.</summary>
public sealed record RemoteDtls
{
    /// <summary>The hash function of its fingerprint, in lower case: <c>sha-256</c>.</summary>
    public required string HashFunction { get; init; }

    /// <summary>The fingerprint: the hash of its certificate, upper-case hexadecimal without colons.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Whether we begin the handshake (<c>a=setup:passive</c> at the peer, RFC 4145 §4).</summary>
    public bool WeAreClient { get; init; }

    /// <summary>Its ICE user name fragment; null: it does no ICE.</summary>
    public string? Ufrag { get; init; }

    /// <summary>Whether it finds our address by ICE.</summary>
    public bool UsesIce => Ufrag is not null;

    /// <summary>Reads a section with DTLS.</summary>
    /// <param name="description">The description.</param>
    /// <param name="media">The section.</param>
    /// <returns>What it brings, or null where there is no fingerprint that we can check.</returns>
    public static RemoteDtls? Read(SessionDescription description, MediaDescription media)
    {
        ArgumentNullException.ThrowIfNull(description);
        ArgumentNullException.ThrowIfNull(media);
        string[] parts = (Attribute(description, media, "fingerprint") ?? "").Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length != 2)
            return null;
        string function = parts[0].ToLowerInvariant(), digits = parts[1].Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        int length = function switch { "sha-256" => 64, "sha-384" => 96, "sha-512" => 128, _ => 0 };     // RFC 8122 §5: nothing weaker
        if (length == 0 || digits.Length != length || !digits.All(char.IsAsciiHexDigit))
            return null;
        return new RemoteDtls
        {
            HashFunction = function,
            Fingerprint = digits,
            WeAreClient = Attribute(description, media, "setup")?.Trim() == "passive",
            Ufrag = Attribute(description, media, "ice-ufrag")?.Trim() is { Length: > 0 } ufrag && Attribute(description, media, "ice-pwd") is { Length: > 0 } ? ufrag : null,
        };
    }

    private static string? Attribute(SessionDescription description, MediaDescription media, string name) =>
        media.Attribute(name) ?? description.Attributes.Where(a => a.Name == name).Select(a => a.Value).FirstOrDefault();

    /// <summary>The one candidate of an agent that is reached where its SDP says (ICE-lite, RFC 8839 §5.1).</summary>
    internal static string Candidate(LocalMedia local) => string.Create(
        CultureInfo.InvariantCulture, $"1 1 UDP 2130706431 {local.Address} {local.Port} typ host");
}
