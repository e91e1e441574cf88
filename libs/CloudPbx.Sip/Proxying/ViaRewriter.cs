using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>Changes to the Via header field that every hop makes.</summary>
internal static class ViaRewriter
{
    /// <summary>Finds the top Via value (RFC 3261 §7.3.1: several values may share a line).</summary>
    /// <param name="message">The message.</param>
    /// <param name="line">The place of the field, or −1.</param>
    /// <param name="via">The value.</param>
    /// <param name="rest">The further values of the same line; empty if there are none.</param>
    /// <returns>False when there is no Via or its first value is malformed.</returns>
    public static bool TryFindTop(in SipMessageView message, out int line, out ViaView via, out ReadOnlySpan<byte> rest)
    {
        via = default;
        rest = default;
        line = message.IndexOf(SipHeaderName.Via);
        if (line < 0)
            return false;
        var values = new SipValueReader(message.GetHeader(line).Value);
        if (!values.TryRead(out ReadOnlySpan<byte> first) || ViaView.Parse(first, out via) != SipParseError.None)
            return false;
        rest = values.Rest.Trim(SipAscii.Lws);
        return true;
    }

    /// <summary>
    /// Finds the top Via value of a request that is answered because of a fault: transport and sent-by suffice (RFC 4475 §3.1.2.1). What is malformed
    /// in the line is left out, or the sender could not read its answer.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="line">The place of the field, or −1.</param>
    /// <param name="via">The value, with the parameters before the first malformed one.</param>
    /// <param name="rest">The further values of the same line; empty if one of them is malformed.</param>
    /// <returns>False when there is no Via, or its transport or sent-by is malformed.</returns>
    public static bool TryFindSender(in SipMessageView request, out int line, out ViaView via, out ReadOnlySpan<byte> rest)
    {
        via = default;
        rest = default;
        line = request.IndexOf(SipHeaderName.Via);
        if (line < 0)
            return false;
        var values = new SipValueReader(request.GetHeader(line).Value);
        values.TryRead(out ReadOnlySpan<byte> first);
        ViaView.Parse(first, out via);
        rest = values.Rest.Trim(SipAscii.Lws);
        while (values.TryRead(out ReadOnlySpan<byte> value))
            if (ViaView.Parse(value, out _) != SipParseError.None)
                rest = default;
        return !via.Host.IsEmpty;
    }

    /// <summary>Finds the Via value below the top one.</summary>
    /// <param name="message">The message.</param>
    /// <param name="line">The top value's line.</param>
    /// <param name="rest">What <see cref="TryFindTop"/> left of that line.</param>
    /// <param name="via">The second value.</param>
    /// <returns>False when there is none or it is malformed.</returns>
    public static bool TryFindSecond(in SipMessageView message, int line, ReadOnlySpan<byte> rest, out ViaView via)
    {
        via = default;
        ReadOnlySpan<byte> field = rest;
        if (field.IsEmpty)
        {
            int next = message.IndexOf(SipHeaderName.Via, line + 1);
            if (next < 0)
                return false;
            field = message.GetHeader(next).Value;
        }
        var values = new SipValueReader(field);
        return values.TryRead(out ReadOnlySpan<byte> second) && ViaView.Parse(second, out via) == SipParseError.None;
    }

    /// <summary>Writes a received top Via with the source's address and port (RFC 3261 §18.2.1, RFC 3581 §4), whatever the sender claimed about them.</summary>
    /// <param name="writer">Takes the line.</param>
    /// <param name="via">The received value.</param>
    /// <param name="rest">Further values of the line.</param>
    /// <param name="source">Where the message came from.</param>
    public static void WriteReceived(scoped ref OctetWriter writer, scoped ViaView via, scoped ReadOnlySpan<byte> rest, in InternetEndPoint source)
    {
        writer.Write("Via: SIP/2.0/"u8);
        writer.Write(via.Transport);
        writer.Write(" "u8);
        writer.Write(via.Host);
        if (via.Port >= 0)
        {
            writer.Write(":"u8);
            writer.Write(via.Port);
        }
        SipParameterReader parameters = via.Parameters;
        while (parameters.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
        {
            if (IsNamed(name, "received"u8) || IsNamed(name, "rport"u8))
                continue;
            writer.Write(";"u8);
            writer.Write(name);
            if (value.IsEmpty)
                continue;
            writer.Write("="u8);
            writer.Write(value);
        }
        writer.Write(";received="u8);
        Span<byte> address = stackalloc byte[48];
        writer.Write(address[..source.FormatAddress(address)]);     // no brackets: RFC 5118 §4.5
        writer.Write(";rport="u8);
        writer.Write(source.Port);
        if (!rest.IsEmpty)
        {
            writer.Write(", "u8);
            writer.Write(rest);
        }
        writer.Write("\r\n"u8);
    }

    private static bool IsNamed(ReadOnlySpan<byte> name, ReadOnlySpan<byte> expected) => System.Text.Ascii.EqualsIgnoreCase(name, expected);
}
