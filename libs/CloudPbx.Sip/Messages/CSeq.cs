using System.Buffers.Text;
using System.Globalization;

namespace CloudPbx.Sip.Messages;

/// <summary>The CSeq header field: a sequence number and the method (RFC 3261 §20.16).</summary>
/// <param name="Number">Below 2³¹ (§8.1.1.5).</param>
/// <param name="Method">The method of the request that this message is or answers.</param>
public readonly record struct CSeq(uint Number, SipMethod Method)
{
    /// <summary>Parses a CSeq value: <c>1*DIGIT LWS Method</c> (RFC 3261 §20.16, §25.1).</summary>
    /// <param name="value">The value's octets, after the colon and before the CRLF; folded lines allowed.</param>
    /// <param name="cseq">The parsed value; <see langword="default"/> unless the result is <see cref="SipParseError.None"/>.</param>
    /// <returns>Why the value was refused, or <see cref="SipParseError.None"/>. Network input never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out CSeq cseq)
    {
        SipParseError error = Split(value, out uint number, out ReadOnlySpan<byte> method);
        cseq = error == SipParseError.None ? new CSeq(number, SipMethod.From(method)) : default;
        return error;
    }

    /// <summary>The same check without making a method of it: allocates nothing even for unknown methods.</summary>
    internal static SipParseError Split(ReadOnlySpan<byte> value, out uint number, out ReadOnlySpan<byte> method)
    {
        method = default;
        value = value.Trim(SipAscii.Lws);
        if (!Utf8Parser.TryParse(value, out number, out int digits) || value[0] == (byte)'+' || number > int.MaxValue)
            return SipParseError.CSeqNumber;                    // §8.1.1.5: less than 2**31
        method = value[digits..].TrimStart(SipAscii.Lws);
        return digits + method.Length == value.Length || method.Length > SipMethod.MaximumLength || !SipAscii.IsToken(method)
            ? SipParseError.CSeqMethod                          // §25.1: LWS between the two is mandatory
            : SipParseError.None;
    }

    /// <summary>The value as it is written, e.g. <c>314159 INVITE</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number} {Method.Name}");
}
