using System.Buffers;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// A request or response that owns its octets (RFC 3261 §7). Header fields are in order and can be changed; the typed views are
/// parsed when asked for, kept, and follow every change of <see cref="Headers"/>.
/// </summary>
/// <remarks>
/// A message parsed without fault has a well-formed Via, From, To, Call-ID and CSeq, and its Contact, Route, Record-Route and
/// Max-Forwards, where present, are well-formed. Asking for a view that is absent or malformed throws
/// <see cref="InvalidOperationException"/>: that can happen only with messages we built, or with the partial message of a refused request.
/// Not thread-safe.
/// </remarks>
public abstract partial class SipMessage
{
    [ThreadStatic] private static ArrayBufferWriter<byte>? t_octets;
    [ThreadStatic] private static ArrayBufferWriter<byte>? t_copied;

    private protected SipMessage() => Headers = new SipHeaders(this);

    /// <summary>The header fields.</summary>
    public SipHeaders Headers { get; }

    /// <summary>The body; its length is what Content-Length will say.</summary>
    public ReadOnlyMemory<byte> Body { get; private set; }

    /// <summary>Content-Type as it is written, or <see langword="null"/>.</summary>
    public string? ContentType => Headers.Get(SipHeaderName.ContentType);

    /// <summary>Parses one whole message: a datagram, or what <c>StreamFramer</c> cut out of a stream. The octets are copied.</summary>
    /// <param name="octets">The message. Octets after the body that Content-Length declares are dropped (RFC 3261 §18.3).</param>
    /// <param name="message">
    /// The message; with a fault, the request as far as it could be read if it can be answered, else <see langword="null"/>.
    /// Answer it with <see cref="SipResponse.For"/>, the fault's status code and reason phrase, and read nothing else of it but
    /// <see cref="TopVia"/> and <see cref="SipRequest.Method"/>.
    /// </param>
    /// <returns>The first fault, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError TryParse(ReadOnlySpan<byte> octets, out SipMessage? message)
    {
        SipParseError error = SipMessageView.Parse(octets, out SipMessageView view);
        if (error == SipParseError.None)
            error = view.FindFault();
        message = error == SipParseError.None || view.IsAnswerable ? Create(view) : null;
        return error;
    }

    /// <summary>Replaces the body and sets Content-Type; an empty body removes Content-Type.</summary>
    /// <param name="body">The octets; they are not copied and must not change any more.</param>
    /// <param name="contentType">The media type, e.g. <c>application/sdp</c>.</param>
    public void SetBody(ReadOnlyMemory<byte> body, string contentType)
    {
        Body = body;
        if (body.IsEmpty)
            Headers.Remove(SipHeaderName.ContentType);
        else
            Headers.Set(SipHeaderName.ContentType, contentType);
    }

    /// <summary>Writes the message; Content-Length is set to the body's length, fields that were received go out octet for octet.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        WriteStartLine(writer);
        Headers.WriteTo(writer, Body.Length);
        writer.Write("\r\n"u8);
        writer.Write(Body.Span);
    }

    /// <summary>The message as <see cref="WriteTo"/> writes it.</summary>
    public byte[] ToBytes()
    {
        ArrayBufferWriter<byte> octets = t_copied ??= new ArrayBufferWriter<byte>(4096);      // not what ToThreadBytes gave somebody
        octets.ResetWrittenCount();
        WriteTo(octets);
        return octets.WrittenSpan.ToArray();
    }

    /// <summary>The message as <see cref="WriteTo"/> writes it, without an array of its own.</summary>
    /// <returns>Memory of this thread's: good until the thread asks this of any message again.</returns>
    public ReadOnlySpan<byte> ToThreadBytes()
    {
        ArrayBufferWriter<byte> octets = t_octets ??= new ArrayBufferWriter<byte>(4096);
        octets.ResetWrittenCount();
        WriteTo(octets);
        return octets.WrittenSpan;
    }

    /// <summary>The message as text, for logs and test output.</summary>
    public override string ToString() => SipText.Utf8(ToBytes());

    private protected abstract void WriteStartLine(IBufferWriter<byte> writer);

    private static SipMessage Create(in SipMessageView view)
    {
        byte[] octets = view.Octets.ToArray();
        SipMessage message = view.IsRequest ? new SipRequest(view) : new SipResponse(view);
        message.Headers.Load(view, octets);
        message.Body = octets.AsMemory()[view.BodyRange];
        return message;
    }
}
