using System.Buffers;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>Character classes and small readers of the SIP grammar (RFC 3261 §25.1) over octets.</summary>
public static class SipAscii
{
    private const string TokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~";

    private static readonly SearchValues<byte> s_token = SearchValues.Create(Encoding.ASCII.GetBytes(TokenCharacters));
    private static readonly SearchValues<char> s_tokenText = SearchValues.Create(TokenCharacters);

    /// <summary>Linear white space: SP, HTAB and the CR LF of a folded line.</summary>
    public static ReadOnlySpan<byte> Lws => " \t\r\n"u8;

    /// <summary>Whether the octets are a token: at least one, and none outside the class.</summary>
    public static bool IsToken(ReadOnlySpan<byte> octets) => !octets.IsEmpty && !octets.ContainsAnyExcept(s_token);

    /// <summary>Whether a text is a token.</summary>
    internal static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(s_tokenText);

    /// <summary>How many characters at the front can be in a token.</summary>
    internal static int TokenLength(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(s_tokenText) is int end and >= 0 ? end : text.Length;

    /// <summary>How many octets at the front can be in a token.</summary>
    internal static int TokenLength(ReadOnlySpan<byte> octets) =>
        octets.IndexOfAnyExcept(s_token) is int end and >= 0 ? end : octets.Length;

    /// <summary>The length of the quoted string that begins with the first octet, both quotes counted; −1 if it has no end.</summary>
    internal static int QuotedLength(ReadOnlySpan<byte> octets)
    {
        int at = 1;
        while (octets[at..].IndexOfAny((byte)'"', (byte)'\\') is int next and >= 0)
        {
            at += next;
            if (octets[at] == (byte)'"')
                return at + 1;
            at += 2;                                            // a quoted pair: whatever follows the backslash
            if (at > octets.Length)
                break;
        }
        return -1;
    }

    /// <summary>Whether two names are the same without regard to the case of ASCII letters.</summary>
    internal static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Ascii.EqualsIgnoreCase(left, right);
}
