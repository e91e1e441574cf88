using System.Buffers;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Transport;

/// <summary>
/// Cuts a stream (TCP, TLS, the inner link) into messages by Content-Length (RFC 3261 §18.3) and finds the keep-alives of RFC 5626 §3.5.1.
/// It reads header sections with the parser's own indexer, so that both always see the same message.
/// </summary>
/// <param name="maximumHeaderSection">Longest start line and header fields, in octets.</param>
/// <param name="maximumBody">Longest body, in octets.</param>
/// <remarks>One per connection; not thread-safe. After <see cref="FrameResult.Malformed"/> it is of no more use.</remarks>
public sealed class StreamFramer(int maximumHeaderSection = SipLimits.HeaderSection, int maximumBody = SipLimits.Body)
{
    private readonly int _maximumHeaderSection = maximumHeaderSection;
    private readonly int _maximumBody = maximumBody;

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
        _ = (_maximumHeaderSection, _maximumBody);
        throw new NotImplementedException();
    }
}
