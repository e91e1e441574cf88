using System.Text.Json;
using System.Text.Json.Serialization;

namespace CloudPbx.Data.Conversions;

/// <summary>How records are written into a column: what is not set is left out.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, s_options);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, s_options) ?? throw new JsonException("A column of JSON says null.");
}
