using System.Buffers;
using System.Globalization;
using System.Text;

namespace CloudPbx.Hosting;

/// <summary>Makes text of strangers harmless in a log for people: nothing in it begins a line, moves a cursor or turns the writing direction (SECURITY.md S22).</summary>
internal static class LogText
{
    // C0 and C1 controls, DEL; line and paragraph separators; marks that change the direction of what follows.
    private static readonly SearchValues<char> s_unsafe = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Concat(Enumerable.Range(0x7F, 0x21)).Concat([0x061C, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF])
            .Concat(Enumerable.Range(0x202A, 5)).Concat(Enumerable.Range(0x2066, 4)).Select(c => (char)c)]);

    /// <summary>Writes text with its unsafe characters as <c>\n</c>, <c>\r</c>, <c>\t</c> or <c>\u001b</c>.</summary>
    public static void Append(StringBuilder line, ReadOnlySpan<char> text)
    {
        int next;
        while ((next = text.IndexOfAny(s_unsafe)) >= 0)
        {
            line.Append(text[..next]);
            switch (text[next])
            {
                case '\n':
                    line.Append("\\n");
                    break;
                case '\r':
                    line.Append("\\r");
                    break;
                case '\t':
                    line.Append("\\t");
                    break;
                case var c:
                    line.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
                    break;
            }
            text = text[(next + 1)..];
        }
        line.Append(text);
    }
}
