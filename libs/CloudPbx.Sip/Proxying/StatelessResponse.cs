using CloudPbx.Net.Sockets;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Proxying;

/// <summary>Answers that an edge gives itself, as a stateless server (RFC 3261 §8.2.7): built from the request alone, without memory and without allocation.</summary>
public static class StatelessResponse
{
    /// <summary>Writes the answer to a request.</summary>
    /// <param name="request">A request with a readable top Via; it may have a fault (<see cref="SipMessageView.IsAnswerable"/>).</param>
    /// <param name="status">The status code.</param>
    /// <param name="reason">The reason phrase; nothing of the sender's.</param>
    /// <param name="source">Where the request came from; null for one that a worker sent.</param>
    /// <param name="key">Makes the To tag.</param>
    /// <param name="destination">Takes the answer; the request's length and <see cref="StatelessForwarder.Room"/> suffice.</param>
    /// <param name="isDatagram">Leaves out what a datagram does not need: an answer to a forged source should not be longer than the request (S32).</param>
    /// <param name="retryAfter">Retry-After, in whole seconds; zero for none.</param>
    /// <param name="field">One more header field without its line's end, as it is to stand there; empty for none.</param>
    /// <param name="isLean">Writes it as short as can be: the request was shorter than its answer (S32).</param>
    /// <returns>The octets written; 0 when the request cannot be answered.</returns>
    public static int Write(in SipMessageView request, int status, ReadOnlySpan<char> reason, InternetEndPoint? source, EdgeKey key, Span<byte> destination,
        bool isDatagram = false, TimeSpan retryAfter = default, ReadOnlySpan<byte> field = default, bool isLean = false)
    {
        if (!ViaRewriter.TryFindSender(request, out int viaLine, out ViaView via, out ReadOnlySpan<byte> rest))
            return 0;
        var writer = new OctetWriter(destination);
        if (isLean)
        {
            LeanAnswer.WriteStatusLine(ref writer, status);
        }
        else
        {
            writer.Write("SIP/2.0 "u8);
            writer.Write(status);
            writer.Write(" "u8);
            foreach (char c in reason)
                writer.Write([(byte)c]);
            writer.Write("\r\n"u8);
        }
        (bool from, bool to, bool callId, bool cseq) = (false, false, false, false);
        for (int i = 0; i < request.HeaderCount; i++)
        {
            SipHeaderView header = request.GetHeader(i);
            switch (header.Name)
            {
                case SipHeaderName.Via when i == viaLine && source is { } peer:
                    ViaRewriter.WriteReceived(ref writer, via, rest, peer);
                    continue;
                case SipHeaderName.To when !to:
                    to = true;
                    WriteTo(ref writer, header, via, request, key, isLean);
                    continue;
                // A field that must stand once is answered once: a repeated one is the fault that we name.
                case SipHeaderName.Via:
                case SipHeaderName.From when !from:
                case SipHeaderName.CallId when !callId:
                case SipHeaderName.CSeq when !cseq:
                    from |= header.Name == SipHeaderName.From;
                    callId |= header.Name == SipHeaderName.CallId;
                    cseq |= header.Name == SipHeaderName.CSeq;
                    if (isLean)
                    {
                        LeanAnswer.WriteField(ref writer, header, status, hasBody: false);
                        continue;
                    }
                    writer.Write(header.Text);
                    writer.Write("\r\n"u8);
                    continue;
                default:
                    continue;
            }
        }
        if (retryAfter > TimeSpan.Zero)
        {
            writer.Write("Retry-After: "u8);
            writer.Write((int)retryAfter.TotalSeconds);
            writer.Write("\r\n"u8);
        }
        if (isLean && !field.IsEmpty)
        {
            LeanAnswer.WriteChallenge(ref writer, field);
        }
        else if (!field.IsEmpty)
        {
            writer.Write(field);
            writer.Write("\r\n"u8);
        }
        if (!isDatagram)
            writer.Write("Content-Length: 0\r\n"u8);
        writer.Write("\r\n"u8);
        return writer.Length;
    }

    /// <summary>Whether an ACK acknowledges an answer that an edge gave itself; it then ends here (RFC 3261 §17.1.1.3).</summary>
    public static bool IsAcknowledgedBy(in SipMessageView ack, EdgeKey key)
    {
        if (!ack.TryFind(SipHeaderName.To, out SipHeaderView header) || NameAddressView.Parse(header.Value, out NameAddressView to) != SipParseError.None
            || to.Tag.Length != BranchHash.Length - 8 || !ViaRewriter.TryFindTop(ack, out _, out ViaView via, out _))
            return false;
        Span<byte> tag = stackalloc byte[BranchHash.Length];
        return to.Tag.SequenceEqual(tag[..BranchHash.WriteTag(key, via, ack, tag)]);
    }

    // §8.2.6.2: a To without a tag gets one. A To that cannot be read is echoed as it is.
    private static void WriteTo(ref OctetWriter writer, scoped SipHeaderView to, scoped ViaView via, in SipMessageView request, EdgeKey key, bool isLean)
    {
        writer.Write(isLean ? "t:"u8 : []);
        writer.Write(isLean ? to.Value : to.Text);
        if (NameAddressView.Parse(to.Value, out NameAddressView address) == SipParseError.None && address.Tag.IsEmpty)
        {
            Span<byte> tag = stackalloc byte[BranchHash.Length];
            writer.Write(";tag="u8);
            writer.Write(tag[..BranchHash.WriteTag(key, via, request, tag)]);
        }
        writer.Write("\r\n"u8);
    }
}
