using System.Buffers;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transport;

/// <summary>
/// Cuts a stream (TCP, TLS, the inner link) into messages by Content-Length (RFC 3261 §18.3) and finds the keep-alives of RFC 5626 §3.5.1.
/// It reads header sections with the parser's own indexer, so that both always see the same message.
/// </summary>
/// <param name="maximumHeaderSection">Longest start line and header fields, in octets; at most <see cref="SipLimits.HeaderSection"/>.</param>
/// <param name="maximumBody">Longest body, in octets.</param>
/// <remarks>One per connection; not thread-safe. After <see cref="FrameResult.Malformed"/> it is of no more use.</remarks>
public sealed class StreamFramer(int maximumHeaderSection = SipLimits.HeaderSection, int maximumBody = SipLimits.Body)
{
    private readonly int _maximumHeaderSection = Math.Min(maximumHeaderSection, SipLimits.HeaderSection);

    private bool _halfPing;             // the last thing taken was a lone CRLF at the end of what had arrived
    private long _searched;             // octets of the message at the front that hold no empty line
    private long _messageLength;        // of the message at the front, once its header section is whole; else 0

    /// <summary>Why the stream is <see cref="FrameResult.Malformed"/>.</summary>
    public SipParseError Error { get; private set; }

    /// <summary>Takes the next message or keep-alive from the front of the buffer.</summary>
    /// <param name="buffer">What the stream holds and was not taken yet; on return without what was taken.</param>
    /// <param name="message">
    /// With <see cref="FrameResult.Message"/> the message, octet for octet. With <see cref="FrameResult.Malformed"/> the header section, if it is
    /// whole, so that the request can be parsed and answered before the stream is closed. Valid as long as the buffer.
    /// </param>
    /// <returns>What was found. Never throws.</returns>
    public FrameResult TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (Error != SipParseError.None)
            return FrameResult.Malformed;
        if (buffer.IsEmpty)
            return FrameResult.NeedMore;
        if (_searched == 0 && _messageLength == 0 && buffer.FirstSpan[0] is (byte)'\r' or (byte)'\n' or 0)
            return ReadKeepAlive(ref buffer);
        _halfPing = false;
        if (_messageLength == 0 && !TryFindHeaderSection(buffer, ref message))
            return Error == SipParseError.None ? FrameResult.NeedMore : FrameResult.Malformed;
        if (buffer.Length < _messageLength)
        {
            message = default;
            return FrameResult.NeedMore;
        }
        message = buffer.Slice(0, _messageLength);
        buffer = buffer.Slice(_messageLength);
        _messageLength = 0;
        return FrameResult.Message;
    }

    // CRLF CRLF is a ping even if its halves come apart: the first half alone counts as a pong. A single CR, LF or NUL between messages is noise.
    private FrameResult ReadKeepAlive(ref ReadOnlySequence<byte> buffer)
    {
        Span<byte> octets = stackalloc byte[4];
        octets = octets[..(int)Math.Min(4, buffer.Length)];
        buffer.Slice(0, octets.Length).CopyTo(octets);
        if (octets.SequenceEqual("\r"u8) || octets.SequenceEqual("\r\n\r"u8))
            return FrameResult.NeedMore;
        bool ping = octets.SequenceEqual("\r\n\r\n"u8);
        bool crlf = octets.StartsWith("\r\n"u8);
        buffer = buffer.Slice(ping ? 4 : crlf ? 2 : 1);
        ping |= crlf && _halfPing;
        _halfPing = crlf && !ping && buffer.IsEmpty;
        return ping ? FrameResult.KeepAlivePing : FrameResult.KeepAlivePong;
    }

    // Sets _messageLength, or Error.
    private bool TryFindHeaderSection(in ReadOnlySequence<byte> buffer, ref ReadOnlySequence<byte> headerSection)
    {
        ReadOnlySequence<byte> unsearched = buffer.Slice(_searched);
        SequenceReader<byte> reader = new(unsearched);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> _, "\r\n\r\n"u8))
        {
            _searched = Math.Max(0, buffer.Length - 3);         // the empty line may have begun
            if (buffer.Length > _maximumHeaderSection)
                Error = SipParseError.HeaderSectionTooLarge;
            return false;
        }
        long length = _searched + reader.Consumed;
        _searched = 0;
        if (length > _maximumHeaderSection)
        {
            Error = SipParseError.HeaderSectionTooLarge;
            return false;
        }
        headerSection = buffer.Slice(0, length);
        Error = Measure(headerSection, out long body);
        _messageLength = length + body;
        return Error == SipParseError.None;
    }

    private SipParseError Measure(in ReadOnlySequence<byte> headerSection, out long body)
    {
        body = 0;
        int length = (int)headerSection.Length;
        byte[]? rented = null;
        if (!headerSection.IsSingleSegment)
            headerSection.CopyTo(rented = ArrayPool<byte>.Shared.Rent(length));
        SipParseError error = SipMessageView.ParseHeaderSection(rented is null ? headerSection.FirstSpan : rented.AsSpan(0, length), out SipMessageView view);
        uint? declared = view.ContentLength;
        bool whole = view.HeaderSectionLength == length;
        bool repeated = view.IndexOf(SipHeaderName.ContentLength) is int first and >= 0 && view.IndexOf(SipHeaderName.ContentLength, first + 1) >= 0;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);

        if (repeated)
            return SipParseError.DuplicateContentLength;        // also behind another fault: two readers could see two ends
        // Any other fault is the message's own: it is framed, and its parser names it.
        if (error is SipParseError.StartLine or SipParseError.BareLineBreak or SipParseError.TooManyHeaders or SipParseError.ContentLength)
            return error;
        if (!whole)
            return error == SipParseError.None ? SipParseError.HeaderSectionOpen : error;
        if (declared is null)
            return SipParseError.MissingContentLength;
        body = declared.Value;
        return body > maximumBody ? SipParseError.BodyTooLarge : SipParseError.None;
    }
}
