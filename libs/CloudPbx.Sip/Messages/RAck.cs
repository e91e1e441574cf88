using System.Buffers.Text;
using System.Globalization;

namespace CloudPbx.Sip.Messages;

/// <summary>The RAck header field of a PRACK (RFC 3262 §7.2): which reliable provisional response it acknowledges.</summary>
/// <param name="Response">The response's RSeq.</param>
/// <param name="Request">The response's CSeq.</param>
public readonly record struct RAck(uint Response, CSeq Request)
{
    /// <summary>Parses a RAck value: <c>response-num LWS CSeq-num LWS Method</c> (RFC 3262 §7.2).</summary>
    /// <param name="value">The value's octets, after the colon and before the CRLF; folded lines allowed.</param>
    /// <param name="rack">The parsed value; <see langword="default"/> unless the result is <see langword="true"/>.</param>
    /// <returns>Whether the value follows the grammar. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out RAck rack)
    {
        rack = default;
        value = value.Trim(SipAscii.Lws);
        if (!Utf8Parser.TryParse(value, out uint number, out int digits) || value[0] == (byte)'+')
            return false;
        ReadOnlySpan<byte> request = value[digits..].TrimStart(SipAscii.Lws);
        if (digits + request.Length == value.Length || CSeq.Parse(request, out CSeq cseq) != SipParseError.None)
            return false;
        rack = new RAck(number, cseq);
        return true;
    }

    /// <summary>The value as it is written, e.g. <c>776656 1 INVITE</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Response} {Request}");
}
