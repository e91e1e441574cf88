namespace CloudPbx.Sip.Messages;

/// <summary>
/// A message seen in place: one pass over the octets finds the start line's parts, every header field and the body. Allocates nothing.
/// </summary>
/// <remarks>About 2 KB: pass it by <see langword="in"/>. Valid as long as the octets.</remarks>
public ref struct SipMessageView
{
    /// <summary>The message: from the start line to the body's end, without empty lines before it.</summary>
    public readonly ReadOnlySpan<byte> Octets => throw new NotImplementedException();

    /// <summary>Whether the start line is a request line.</summary>
    public readonly bool IsRequest => throw new NotImplementedException();

    /// <summary>The method's octets; of a response empty.</summary>
    public readonly ReadOnlySpan<byte> MethodText => throw new NotImplementedException();

    /// <summary>The method; an unknown one costs a string.</summary>
    public readonly SipMethod Method => throw new NotImplementedException();

    /// <summary>The Request-URI's octets; of a response empty.</summary>
    public readonly ReadOnlySpan<byte> RequestUri => throw new NotImplementedException();

    /// <summary>The status code; of a request 0.</summary>
    public readonly int StatusCode => throw new NotImplementedException();

    /// <summary>The reason phrase's octets, perhaps empty; of a request empty.</summary>
    public readonly ReadOnlySpan<byte> ReasonPhrase => throw new NotImplementedException();

    /// <summary>Where the start line lies in <see cref="Octets"/>, without its CRLF.</summary>
    public readonly Range StartLine => throw new NotImplementedException();

    /// <summary>Number of header fields (lines; folded lines belong to the one before).</summary>
    public readonly int HeaderCount => throw new NotImplementedException();

    /// <summary>Where the body lies in <see cref="Octets"/>.</summary>
    public readonly Range BodyRange => throw new NotImplementedException();

    /// <summary>The body, as long as Content-Length says; without one, the rest of the octets.</summary>
    public readonly ReadOnlySpan<byte> Body => Octets[BodyRange];

    /// <summary>Indexes one message.</summary>
    /// <param name="octets">A datagram, or what <c>StreamFramer</c> cut out of a stream.</param>
    /// <param name="view">The message; with a fault, as far as it could be indexed.</param>
    /// <returns>
    /// The first fault of start line, line structure, names, repeated single fields and Content-Length, or <see cref="SipParseError.None"/>.
    /// Values are not looked at: see <see cref="FindFault"/>. Never throws.
    /// </returns>
    public static SipParseError Parse(ReadOnlySpan<byte> octets, out SipMessageView view) => throw new NotImplementedException();

    /// <summary>
    /// Checks what every element needs (RFC 3261 §8.1.1, §16.3): Request-URI, Via, From, To, Call-ID, CSeq there and well-formed;
    /// Max-Forwards, Contact, Route, Record-Route well-formed where present. Other fields are not looked at.
    /// </summary>
    public readonly SipParseError FindFault() => throw new NotImplementedException();

    /// <summary>Whether a message with a fault is a request that can be answered: not ACK, its top Via readable, no line break that an echo could smuggle.</summary>
    public readonly bool IsAnswerable => throw new NotImplementedException();

    /// <summary>A header field by its place, from 0.</summary>
    public readonly SipHeaderView GetHeader(int index) => throw new NotImplementedException();

    /// <summary>The place of the first field of this name at or after a place, or −1.</summary>
    public readonly int IndexOf(SipHeaderName name, int from = 0) => throw new NotImplementedException();

    /// <summary>The first field of this name.</summary>
    public readonly bool TryFind(SipHeaderName name, out SipHeaderView header) => throw new NotImplementedException();
}
