using System.Buffers;
using System.Text;
using System.Text.Unicode;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.Transport;
using static CloudPbx.TestKit.Fuzzing.BrokenInvariantException;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>What must hold for SIP parsers whatever the octets: nothing throws, and all readers of the same octets agree.</summary>
public static class SipTargets
{
    /// <summary>Whole messages: view, owned message, writer and answers.</summary>
    public static void Message(ReadOnlySpan<byte> octets)
    {
        SipParseError indexed = SipMessageView.Parse(octets, out SipMessageView view);
        for (int i = 0; i < view.HeaderCount; i++)
            Unless(view.GetHeader(i).NameText.Length > 0, "A field has no name.");
        SipParseError error = SipMessage.TryParse(octets, out SipMessage? message);
        Unless(error == (indexed != SipParseError.None ? indexed : view.FindFault()), "View and message name different faults.");
        if (error == SipParseError.None)
            CheckMessage(view, message!);
        else if (message is SipRequest request)
            CheckAnswer(SipResponse.For(request, error.ToStatusCode(), error.ToReasonPhrase(), "tag"));
        else
            Unless(message is null, "A refused response was handed out.");
        CheckFraming(octets, indexed, view);
    }

    /// <summary>URIs, addresses and Via: what is accepted can be written and read again.</summary>
    public static void Uri(ReadOnlySpan<byte> octets)
    {
        if (SipUri.Parse(octets, out SipUri? uri) == SipParseError.None)
        {
            Unless(SipUri.TryParse(uri!.ToString(), out SipUri? again), $"A URI cannot be read again: {uri}");
            Unless(again!.Equals(uri) && again.GetHashCode() == uri.GetHashCode(), $"A URI is not itself: {uri}");
            if (uri.IsSip)
                Unless(uri.WithUser(uri.User).WithHost(uri.Host, uri.Port).Host == uri.Host, $"A URI does not survive its own parts: {uri}");
        }
        if (NameAddress.Parse(octets, out NameAddress? address) == SipParseError.None)
        {
            // As with Via below: octets that are no UTF-8 may grow past a limit.
            bool isRead = NameAddress.TryParse(address!.ToString(), out NameAddress? again);
            Unless(isRead || !Utf8.IsValid(octets), $"An address cannot be read again: {address}");
            string? name = address.DisplayName is "" ? null : address.DisplayName;
            Unless(!isRead || (again!.DisplayName == name && again.Tag == address.Tag && again.Uri.Equals(address.Uri)), $"An address changed: {address}");
        }
        // Octets that are no UTF-8 grow to three each when they are written from text: past the limit, that is no Via any more. What goes out as it came in is never text.
        if (Via.Parse(octets, out Via? via) == SipParseError.None && Encoding.UTF8.GetByteCount(via!.ToString()) <= octets.Length)
            Unless(Via.TryParse(via!.ToString(), out Via? again) && again.ToString() == via.ToString(), $"A Via changed: {via}");
        SipValueReader values = new(octets);
        while (values.TryRead(out _))
            continue;
    }

    /// <summary>A stream, whole and cut where its first octet says: the same messages, the same end.</summary>
    public static void Framer(ReadOnlySpan<byte> octets)
    {
        if (octets.IsEmpty)
            return;
        int step = octets[0] + 1;
        byte[] stream = octets[1..].ToArray();
        (List<byte[]> whole, FrameResult end, SipParseError error) = Frame(stream, stream.Length + 1);
        (List<byte[]> cut, FrameResult cutEnd, SipParseError cutError) = Frame(stream, step);
        Unless(whole.Count == cut.Count && whole.Zip(cut).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)), "A cut stream gives other messages.");
        Unless(end == cutEnd && error == cutError, "A cut stream ends otherwise.");
    }

    private static void CheckMessage(in SipMessageView view, SipMessage message)
    {
        _ = (message.TopVia, message.Vias, message.From.Tag, message.To.Tag, message.CallId, message.CSeq, message.MaxForwards, message.Contacts,
            message.Routes, message.RecordRoutes, message.Expires, message.Supports("100rel"), message.ContentType);
        Unless(message.Headers.Count == view.HeaderCount, "View and message have different fields.");
        Unless(message.Body.Span.SequenceEqual(view.Body), "View and message have different bodies.");
        byte[] written = message.ToBytes();
        SipParseError error = SipMessage.TryParse(written, out SipMessage? again);
        Unless(error == SipParseError.None, $"A written message is refused: {error}.");
        Unless(again!.ToBytes().AsSpan().SequenceEqual(written), "A written message changes when written again.");
        if (message is SipRequest request)
            CheckAnswer(SipResponse.For(request, 200, toTag: "tag"));
    }

    private static void CheckAnswer(SipResponse response)
    {
        byte[] written = response.ToBytes();
        SipMessageView.Parse(written, out SipMessageView view);
        Unless(view.HeaderCount == response.Headers.Count + 1 && view.Body.IsEmpty, "An answer has other fields than it was given.");
    }

    // What a framer takes as one message the parser must see as one message of that length, and the other way round.
    private static void CheckFraming(ReadOnlySpan<byte> octets, SipParseError indexed, in SipMessageView view)
    {
        ReadOnlySequence<byte> stream = new(octets.ToArray());
        StreamFramer framer = new();
        FrameResult result;
        ReadOnlySequence<byte> message;
        do
            result = framer.TryRead(ref stream, out message);
        while (result is FrameResult.KeepAlivePing or FrameResult.KeepAlivePong);
        if (result == FrameResult.Message)
        {
            byte[] framed = message.ToArray();
            SipMessageView.Parse(framed, out SipMessageView again);
            Unless(again.Octets.Length == framed.Length, "Framer and parser see different ends.");
        }
        if (indexed == SipParseError.None && view.IndexOf(SipHeaderName.ContentLength) >= 0 && view.Body.Length <= SipLimits.Body)
            Unless(result == FrameResult.Message && message.Length == view.Octets.Length, "The parser takes what the framer does not.");
    }

    private static (List<byte[]> Messages, FrameResult End, SipParseError Error) Frame(byte[] stream, int step)
    {
        StreamFramer framer = new();
        List<byte[]> messages = [];
        int taken = 0;
        for (int arrived = Math.Min(step, stream.Length); ; arrived = Math.Min(arrived + step, stream.Length))
        {
            ReadOnlySequence<byte> buffer = new(stream, taken, arrived - taken);
            FrameResult result;
            while ((result = framer.TryRead(ref buffer, out ReadOnlySequence<byte> message)) is not (FrameResult.NeedMore or FrameResult.Malformed))
                if (result == FrameResult.Message)
                    messages.Add(message.ToArray());
            taken = arrived - (int)buffer.Length;
            if (result == FrameResult.Malformed || arrived == stream.Length)
                return (messages, result, framer.Error);
        }
    }
}
