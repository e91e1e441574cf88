using System.Buffers.Text;

namespace CloudPbx.Contracts.Ids;

/// <summary>The one text form of all identifiers: 32 hexadecimal digits, no hyphens.</summary>
internal static class EntityIdText
{
    /// <summary>Length of the text, in characters or in octets of UTF-8.</summary>
    public const int Length = 32;

    public static bool TryParse<TId>(ReadOnlySpan<char> text, out TId id)
        where TId : struct, IEntityId<TId>
    {
        bool parsed = Guid.TryParseExact(text, "N", out Guid value) && text.Length == Length;
        id = parsed ? TId.From(value) : default;
        return parsed;
    }

    public static bool TryParse<TId>(ReadOnlySpan<byte> text, out TId id)
        where TId : struct, IEntityId<TId>
    {
        bool parsed = text.Length == Length && Utf8Parser.TryParse(text, out Guid value, out int read, 'N') && read == Length;
        id = parsed && Utf8Parser.TryParse(text, out value, out _, 'N') ? TId.From(value) : default;
        return parsed;
    }

    public static TId Parse<TId>(ReadOnlySpan<char> text)
        where TId : struct, IEntityId<TId> =>
        TryParse(text, out TId id) ? id : throw NotAnId<TId>();

    public static TId Parse<TId>(ReadOnlySpan<byte> text)
        where TId : struct, IEntityId<TId> =>
        TryParse(text, out TId id) ? id : throw NotAnId<TId>();

    private static FormatException NotAnId<TId>() => new($"A {typeof(TId).Name} is {Length} hexadecimal digits.");
}
