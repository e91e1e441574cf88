using CloudPbx.Sip.Proxying;

namespace CloudPbx.Load.Sip;

/// <summary>Writes the answers of a called phone (or of a worker) from the octets of the request.</summary>
internal static class Answers
{
    /// <summary>Writes an answer: the status line, what RFC 3261 §8.2.6.2 copies, a Contact, a body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="status">Status code and reason phrase.</param>
    /// <param name="contact">The whole Contact line with its CRLF, or nothing.</param>
    /// <param name="body">A session description, or nothing.</param>
    /// <param name="destination">Takes the answer.</param>
    /// <returns>Its length; 0 when it does not fit.</returns>
    public static int Write(ReadOnlySpan<byte> request, ReadOnlySpan<byte> status, ReadOnlySpan<byte> contact, ReadOnlySpan<byte> body, Span<byte> destination)
    {
        var writer = new OctetWriter(destination);
        writer.Write("SIP/2.0 "u8);
        writer.Write(status);
        writer.Write("\r\n"u8);
        ReadOnlySpan<byte> rest = request, callId = default;
        _ = SipText.TryReadLine(ref rest, out _);
        ReadOnlySpan<byte> scan = rest;
        while (SipText.TryReadLine(ref scan, out ReadOnlySpan<byte> line))
        {
            if (SipText.IsHeader(line, "Call-ID"u8, out callId))
                break;
        }
        while (SipText.TryReadLine(ref rest, out ReadOnlySpan<byte> line))
        {
            bool to = SipText.IsHeader(line, "To"u8, out ReadOnlySpan<byte> value);
            if (!to && !SipText.IsHeader(line, "Via"u8, out _) && !SipText.IsHeader(line, "From"u8, out _) && !SipText.IsHeader(line, "Call-ID"u8, out _)
                && !SipText.IsHeader(line, "CSeq"u8, out _) && !SipText.IsHeader(line, "Record-Route"u8, out _))
                continue;
            writer.Write(line);
            if (to && value.IndexOf(";tag="u8) < 0)
            {
                writer.Write(";tag=a"u8);
                writer.WriteHexadecimal(TagOf(callId));     // the same for a retransmission
            }
            writer.Write("\r\n"u8);
        }
        writer.Write(contact);
        if (!body.IsEmpty)
            writer.Write("Content-Type: application/sdp\r\n"u8);
        writer.Write("Content-Length: "u8);
        writer.Write(body.Length);
        writer.Write("\r\n\r\n"u8);
        writer.Write(body);
        return writer.Length;
    }

    // FNV-1a.
    private static uint TagOf(ReadOnlySpan<byte> callId)
    {
        uint hash = 2166136261;
        foreach (byte octet in callId)
            hash = (hash ^ octet) * 16777619;
        return hash;
    }
}
