using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>How a response is written as short as it can be: a datagram to somebody unknown should not be longer than what he sent (SECURITY.md S32).</summary>
internal static class LeanAnswer
{
    // What a challenge means without saying so (RFC 7616 §3.3).
    private static ReadOnlySpan<byte> UsualAlgorithm => ", algorithm=MD5"u8;

    /// <summary>Writes a status line without a reason phrase, which may be empty (RFC 3261 §25.1).</summary>
    public static void WriteStatusLine(ref OctetWriter writer, int status)
    {
        writer.Write("SIP/2.0 "u8);
        writer.Write(status);
        writer.Write(" \r\n"u8);
    }

    /// <summary>Writes a field, unless it says nothing that is needed.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="header">The field.</param>
    /// <param name="status">The response's status.</param>
    /// <param name="hasBody">Whether the response has a body.</param>
    public static void WriteField(ref OctetWriter writer, scoped in SipHeaderView header, int status, bool hasBody)
    {
        switch (header.Name)
        {
            case SipHeaderName.ContentLength when !hasBody:       // of a datagram the end is known (RFC 3261 §18.3)
            case SipHeaderName.Allow when status != 405:          // §8.2.1: there it must stand
            case SipHeaderName.Accept when status is not (406 or 415):
            case SipHeaderName.Server or SipHeaderName.Supported or SipHeaderName.AcceptEncoding or SipHeaderName.AcceptLanguage or SipHeaderName.Warning:
                return;
            case SipHeaderName.WwwAuthenticate or SipHeaderName.ProxyAuthenticate:
                WriteChallenge(ref writer, header.Text);
                return;
        }
        scoped ReadOnlySpan<byte> name = header.Name switch              // §7.3.3
        {
            SipHeaderName.Via => "v"u8,
            SipHeaderName.From => "f"u8,
            SipHeaderName.To => "t"u8,
            SipHeaderName.CallId => "i"u8,
            _ => header.NameText,
        };
        writer.Write(name);
        writer.Write(":"u8);
        writer.Write(header.Value);
        writer.Write("\r\n"u8);
    }

    /// <summary>Writes a challenge of our own, which names the algorithm where it is not the usual one.</summary>
    /// <param name="writer">Takes it.</param>
    /// <param name="field">The field without its line's end.</param>
    public static void WriteChallenge(ref OctetWriter writer, scoped ReadOnlySpan<byte> field)
    {
        int usual = field.IndexOf(UsualAlgorithm);
        bool isWhole = usual >= 0 && (usual + UsualAlgorithm.Length == field.Length || field[usual + UsualAlgorithm.Length] == (byte)',');
        writer.Write(isWhole ? field[..usual] : field);
        if (isWhole)
            writer.Write(field[(usual + UsualAlgorithm.Length)..]);
        writer.Write("\r\n"u8);
    }
}
