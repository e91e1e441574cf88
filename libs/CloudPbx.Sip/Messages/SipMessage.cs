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
public abstract class SipMessage
{
    private protected SipMessage()
    {
    }

    /// <summary>The header fields.</summary>
    public SipHeaders Headers => throw new NotImplementedException();

    /// <summary>The first Via: of a response to us our own, of a request its last sender's.</summary>
    public Via TopVia => throw new NotImplementedException();

    /// <summary>All Via values, top first.</summary>
    public IReadOnlyList<Via> Vias => throw new NotImplementedException();

    /// <summary>From (RFC 3261 §20.20).</summary>
    public NameAddress From => throw new NotImplementedException();

    /// <summary>To (RFC 3261 §20.39).</summary>
    public NameAddress To => throw new NotImplementedException();

    /// <summary>Call-ID: compared octet for octet (RFC 3261 §20.8).</summary>
    public string CallId => throw new NotImplementedException();

    /// <summary>CSeq (RFC 3261 §20.16).</summary>
    public CSeq CSeq => throw new NotImplementedException();

    /// <summary>Max-Forwards, or <see langword="null"/> if absent (RFC 2543 peers, Gnome Calls' probe); overlarge values are given as they are, at most <see cref="int.MaxValue"/>.</summary>
    public int? MaxForwards => throw new NotImplementedException();

    /// <summary>The Contact values in order; empty for none and for <c>*</c>.</summary>
    public IReadOnlyList<NameAddress> Contacts => throw new NotImplementedException();

    /// <summary>Whether the message has the value <c>Contact: *</c> (RFC 3261 §10.2.2).</summary>
    public bool HasStarContact => throw new NotImplementedException();

    /// <summary>The Route values, first hop first.</summary>
    public IReadOnlyList<NameAddress> Routes => throw new NotImplementedException();

    /// <summary>The Record-Route values, top first.</summary>
    public IReadOnlyList<NameAddress> RecordRoutes => throw new NotImplementedException();

    /// <summary>Expires in seconds, 2³²−1 for larger numbers; <see langword="null"/> if absent or malformed (RFC 3261 §20.19).</summary>
    public uint? Expires => throw new NotImplementedException();

    /// <summary>The body; its length is what Content-Length will say.</summary>
    public ReadOnlyMemory<byte> Body => throw new NotImplementedException();

    /// <summary>Content-Type as it is written, or <see langword="null"/>.</summary>
    public string? ContentType => throw new NotImplementedException();

    /// <summary>Parses one whole message: a datagram, or what <c>StreamFramer</c> cut out of a stream. The octets are copied.</summary>
    /// <param name="octets">The message. Octets after the body that Content-Length declares are dropped (RFC 3261 §18.3).</param>
    /// <param name="message">
    /// The message; with a fault, the request as far as it could be read if it can be answered, else <see langword="null"/>.
    /// Answer it with <see cref="SipResponse.For"/>, the fault's status code and reason phrase, and read nothing else of it but <see cref="TopVia"/>.
    /// </param>
    /// <returns>The first fault, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError TryParse(ReadOnlySpan<byte> octets, out SipMessage? message) => throw new NotImplementedException();

    /// <summary>Replaces the body and sets Content-Type; an empty body removes Content-Type.</summary>
    public void SetBody(ReadOnlyMemory<byte> body, string contentType) => throw new NotImplementedException();

    /// <summary>Whether Supported names this option tag.</summary>
    public bool Supports(string optionTag) => HasToken(SipHeaderName.Supported, optionTag);

    /// <summary>Whether Require names this option tag.</summary>
    public bool Requires(string optionTag) => HasToken(SipHeaderName.Require, optionTag);

    /// <summary>Whether a list field (Supported, Require, Allow …) has this token, without regard to case.</summary>
    public bool HasToken(SipHeaderName name, string token) => throw new NotImplementedException();

    /// <summary>Writes the message; Content-Length is set to the body's length, fields that were received go out octet for octet.</summary>
    public void WriteTo(IBufferWriter<byte> writer) => throw new NotImplementedException();

    /// <summary>The message as <see cref="WriteTo"/> writes it.</summary>
    public byte[] ToBytes() => throw new NotImplementedException();
}
