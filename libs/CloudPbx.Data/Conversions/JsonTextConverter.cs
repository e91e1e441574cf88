using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace CloudPbx.Data.Conversions;

/// <summary>An immutable record that is only stored and read whole, never queried, is one JSON text. Its members may only be added to.</summary>
internal sealed class JsonTextConverter<T>() : ValueConverter<T, string>(value => JsonText.Write(value), text => JsonText.Read<T>(text))
    where T : class
{
    public static ValueComparer<T> Comparer { get; } =
        new((a, b) => JsonText.Write(a) == JsonText.Write(b), value => JsonText.Write(value).GetHashCode(StringComparison.Ordinal), value => value);
}
