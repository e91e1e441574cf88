using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Conversions;

/// <summary>A list that is only stored and shown, never queried, is one JSON text.</summary>
internal sealed class JsonListConverter<T>() : ValueConverter<IReadOnlyList<T>, string>(list => Write(list), text => Read(text))
{
    public static ValueComparer<IReadOnlyList<T>> Comparer { get; } =
        new((a, b) => Write(a ?? Array.Empty<T>()) == Write(b ?? Array.Empty<T>()), list => Write(list).GetHashCode(StringComparison.Ordinal), list => list);

    private static readonly JsonTypeInfo<IReadOnlyList<T>> s_writer = FactListJson.WriterOf<T>();

    private static string Write(IReadOnlyList<T> list) => JsonSerializer.Serialize(list, s_writer);

    private static List<T> Read(string text) => JsonSerializer.Deserialize<List<T>>(text, JsonSerializerOptions.Web) ?? [];
}
