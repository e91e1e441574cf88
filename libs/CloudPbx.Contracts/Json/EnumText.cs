using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CloudPbx.Contracts.Json;

/// <summary>The members of an enum as JSON has them, for those who write it by hand: as the enum's own converter writes them, else by their names. Made once.</summary>
/// <typeparam name="T">An enum whose members count from 0.</typeparam>
public static class EnumText<T>
    where T : struct, Enum
{
    private static readonly JsonEncodedText[] s_texts = [.. Enum.GetValues<T>().Select(Encode)];

    /// <summary>The text of a member.</summary>
    /// <param name="value">Its number.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such member.</exception>
#pragma warning disable CA1000 // the type is what is asked for
    public static JsonEncodedText Of(int value) =>
#pragma warning restore CA1000
        (uint)value < (uint)s_texts.Length ? s_texts[value] : throw new ArgumentOutOfRangeException(nameof(value), value, $"{typeof(T).Name} has no such member.");

    private static JsonEncodedText Encode(T value, int place)
    {
        if (Convert.ToInt32(value, CultureInfo.InvariantCulture) != place)
            throw new InvalidOperationException($"The members of {typeof(T).Name} do not count from 0.");
        return JsonEncodedText.Encode(JsonSerializer.SerializeToNode(value) is JsonValue node && node.TryGetValue(out string? text) ? text : value.ToString());
    }
}
