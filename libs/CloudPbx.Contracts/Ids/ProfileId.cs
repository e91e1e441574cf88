using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using CloudPbx.Contracts.Json;

namespace CloudPbx.Contracts.Ids;

/// <summary>A profile of a tenant's own.</summary>
/// <param name="Value">A UUIDv7; <see cref="Guid.Empty"/> names nobody.</param>
[JsonConverter(typeof(EntityIdJsonConverter<ProfileId>))]
public readonly record struct ProfileId(Guid Value) : IEntityId<ProfileId>
{
    /// <summary>Makes a new identifier from the present instant and randomness (RFC 9562 §5.7).</summary>
    /// <remarks>Not monotonic within a millisecond: never order by it.</remarks>
    public static ProfileId New() => new(Guid.CreateVersion7());

    /// <inheritdoc/>
    public static ProfileId From(Guid value) => new(value);

    /// <summary>Parses 32 hexadecimal digits.</summary>
    /// <param name="text">The digits, any case, nothing around them.</param>
    /// <param name="id">The identifier, or <see langword="default"/>.</param>
    /// <returns>Whether the text was an identifier. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ProfileId id) => EntityIdText.TryParse(text, out id);

    /// <summary>Parses 32 hexadecimal digits of ASCII.</summary>
    /// <param name="text">The digits, any case, nothing around them.</param>
    /// <param name="id">The identifier, or <see langword="default"/>.</param>
    /// <returns>Whether the text was an identifier. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out ProfileId id) => EntityIdText.TryParse(text, out id);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ProfileId result) => EntityIdText.TryParse(s, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ProfileId result) => EntityIdText.TryParse(s, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out ProfileId result) => EntityIdText.TryParse(utf8Text, out result);

    /// <inheritdoc/>
    public static ProfileId Parse(string s, IFormatProvider? provider = null) => EntityIdText.Parse<ProfileId>(s.AsSpan());

    /// <inheritdoc/>
    public static ProfileId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => EntityIdText.Parse<ProfileId>(s);

    /// <inheritdoc/>
    public static ProfileId Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider = null) => EntityIdText.Parse<ProfileId>(utf8Text);

    /// <summary>Gives the 32 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("N");

    /// <inheritdoc/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        Value.TryFormat(destination, out charsWritten, "N");

    /// <summary>Writes the 32 lower-case hexadecimal digits as ASCII.</summary>
    /// <param name="destination">Room for at least 32 octets.</param>
    /// <param name="bytesWritten">32, or 0 where the room was too small.</param>
    /// <returns>Whether they fitted.</returns>
    public bool TryFormat(Span<byte> destination, out int bytesWritten) => Value.TryFormat(destination, out bytesWritten, "N");
}
