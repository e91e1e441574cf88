using System.Buffers;
using System.Globalization;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>A response (RFC 3261 §7.2).</summary>
public sealed class SipResponse : SipMessage
{
    private const int StatusLineRoom = 16;              // without the reason phrase

    /// <summary>A response with neither header fields nor body.</summary>
    /// <param name="statusCode">100 to 699.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <exception cref="ArgumentException">A status code out of range or a reason phrase with CR or LF: a bug of ours.</exception>
    public SipResponse(int statusCode, string? reasonPhrase = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(statusCode, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(statusCode, 699);
        StatusCode = statusCode;
        ReasonPhrase = reasonPhrase ?? SipReasonPhrases.Of(statusCode);
        if (!SipText.IsWritable(ReasonPhrase))
            throw new ArgumentException("A reason phrase cannot hold CR or LF.", nameof(reasonPhrase));
    }

    internal SipResponse(in SipMessageView view)
    {
        StatusCode = view.StatusCode;
        ReasonPhrase = SipText.Utf8(view.ReasonPhrase);
    }

    /// <summary>100 to 699.</summary>
    public int StatusCode { get; }

    /// <summary>The reason phrase, possibly empty.</summary>
    public string ReasonPhrase { get; }

    /// <summary>Whether the status code is below 200.</summary>
    public bool IsProvisional => StatusCode < 200;

    /// <summary>Whether the status code is from 200 to 299.</summary>
    public bool IsSuccess => StatusCode is >= 200 and < 300;

    /// <summary>
    /// The response to a request (RFC 3261 §8.2.6): every Via, From, To, Call-ID and CSeq of the request, octet for octet; in a 100 also
    /// Timestamp; in a 101 to 299 to a request that may create a dialog also Record-Route (§12.1.1).
    /// </summary>
    /// <param name="request">The request, also one that was refused by the parser.</param>
    /// <param name="statusCode">100 to 699.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <param name="toTag">The tag to add to To if it has none yet; <see langword="null"/> for a 100.</param>
    public static SipResponse For(SipRequest request, int statusCode, string? reasonPhrase = null, string? toTag = null)
    {
        SipResponse response = new(statusCode, reasonPhrase);
        response.Headers.CopyFrom(request.Headers, SipHeaderName.Via);
        if (statusCode is > 100 and < 300 && MayCreateDialog(request.Method))
            response.Headers.CopyFrom(request.Headers, SipHeaderName.RecordRoute);
        response.Headers.CopyFirst(request.Headers, SipHeaderName.From);
        response.Headers.CopyFirst(request.Headers, SipHeaderName.To);
        response.Headers.CopyFirst(request.Headers, SipHeaderName.CallId);
        response.Headers.CopyFirst(request.Headers, SipHeaderName.CSeq);
        if (statusCode == 100)
            response.Headers.CopyFirst(request.Headers, SipHeaderName.Timestamp);
        if (toTag is not null)
            response.AddToTag(toTag);
        return response;
    }

    private protected override void WriteStartLine(IBufferWriter<byte> writer)
    {
        Span<byte> room = writer.GetSpan(StatusLineRoom + Encoding.UTF8.GetMaxByteCount(ReasonPhrase.Length));
        "SIP/2.0 "u8.CopyTo(room);
        _ = StatusCode.TryFormat(room[8..], out int digits, default, CultureInfo.InvariantCulture);
        int length = 8 + digits;
        room[length++] = (byte)' ';
        length += Encoding.UTF8.GetBytes(ReasonPhrase, room[length..]);
        "\r\n"u8.CopyTo(room[length..]);
        writer.Advance(length + 2);
    }

    private static bool MayCreateDialog(SipMethod method) =>
        method == SipMethod.Invite || method == SipMethod.Subscribe || method == SipMethod.Refer || method == SipMethod.Notify;

    // The rest of To stays as it came; a malformed one (the answer is a 400) stays without tag.
    private void AddToTag(string tag)
    {
        if (Headers.Find(SipHeaderName.To) is { } field && NameAddressView.Parse(field.Octets, out NameAddressView to) == SipParseError.None && to.Tag.IsEmpty)
            Headers.Replace(field, field.WithSuffix($";tag={tag}"));
    }
}
