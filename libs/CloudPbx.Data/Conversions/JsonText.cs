using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CloudPbx.Data.Conversions;

/// <summary>How records are written into a column: what is not set is left out.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Writer<T>.Type);

    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, s_options) ?? throw new JsonException("A column of JSON says null.");

    private static class Writer<T>
    {
        public static readonly JsonTypeInfo<T> Type = (JsonTypeInfo<T>)(FactTextJson.Default.GetTypeInfo(typeof(T)) ?? s_options.GetTypeInfo(typeof(T)));
    }
}
