using System.Text.Json;
using System.Text.Json.Serialization;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Contracts.Json;

/// <summary>Writes an identifier as the JSON string of its 32 hexadecimal digits, also as a property name.</summary>
/// <typeparam name="TId">The identifier.</typeparam>
public sealed class EntityIdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, IEntityId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()) : throw NotAnId();

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        Span<byte> digits = stackalloc byte[32];
        value.Value.TryFormat(digits, out _, "N");
        writer.WriteStringValue(digits);
    }

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options)
    {
        Span<byte> digits = stackalloc byte[32];
        value.Value.TryFormat(digits, out _, "N");
        writer.WritePropertyName(digits);
    }

    private static TId Parse(string? text) => TId.TryParse(text, null, out TId id) ? id : throw NotAnId();

    private static JsonException NotAnId() => new($"A {typeof(TId).Name} is a string of 32 hexadecimal digits.");
}
