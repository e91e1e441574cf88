using System.Buffers;

namespace CloudPbx.Sip.Messages;

/// <summary>Character classes of the SIP grammar (RFC 3261 §25.1) over octets.</summary>
public static class SipAscii
{
    private static readonly SearchValues<byte> s_token =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~"u8);

    /// <summary>Linear white space: SP, HTAB and the CR LF of a folded line.</summary>
    public static ReadOnlySpan<byte> Lws => " \t\r\n"u8;

    /// <summary>Whether the octets are a token: at least one, and none outside the class.</summary>
    public static bool IsToken(ReadOnlySpan<byte> octets) => !octets.IsEmpty && !octets.ContainsAnyExcept(s_token);

    /// <summary>The index of the first octet that cannot be in a token, or the length.</summary>
    internal static int TokenLength(ReadOnlySpan<byte> octets) =>
        octets.IndexOfAnyExcept(s_token) is int end and >= 0 ? end : octets.Length;
}
