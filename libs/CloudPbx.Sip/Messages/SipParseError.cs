namespace CloudPbx.Sip.Messages;

/// <summary>
/// Why octets from the network are no acceptable SIP message, or a value is no acceptable header field.
/// <see cref="SipParseErrors"/> gives the status code and reason phrase of the answer.
/// </summary>
public enum SipParseError : byte
{
    /// <summary>No fault.</summary>
    None = 0,

    /// <summary>Nothing but CR or LF octets: a keep-alive, to be ignored (RFC 5626 §4.4).</summary>
    Empty,

    /// <summary>The first line is neither a request line nor a status line.</summary>
    StartLine,

    /// <summary>More than one space between, or any after, the parts of the request line (RFC 4475 §3.1.2.9, §3.1.2.10).</summary>
    RequestLineSpace,

    /// <summary>The method is no token or longer than <see cref="SipMethod.MaximumLength"/>.</summary>
    Method,

    /// <summary>The Request-URI does not follow its grammar (RFC 4475 §3.1.2.7, §3.1.2.8).</summary>
    RequestUri,

    /// <summary>The Request-URI carries header fields (RFC 3261 §19.1.1; RFC 4475 §3.1.2.11).</summary>
    RequestUriHeaders,

    /// <summary>A version other than SIP/2.0: answered 505.</summary>
    Version,

    /// <summary>The status code is not three digits from 100 to 699.</summary>
    StatusCode,

    /// <summary>CR or LF without its partner in the header section. Never answered: echoing it could split the answer.</summary>
    BareLineBreak,

    /// <summary>A header line without a colon, or a first header line that begins with white space.</summary>
    HeaderLine,

    /// <summary>A header field's name is no token or longer than 255 octets. Only SP and HTAB may stand before the colon.</summary>
    HeaderName,

    /// <summary>The octets end before the empty line that closes the header section.</summary>
    HeaderSectionOpen,

    /// <summary>Start line and header fields are longer than <see cref="SipLimits.HeaderSection"/>.</summary>
    HeaderSectionTooLarge,

    /// <summary>More header fields than <see cref="SipLimits.HeaderFields"/>.</summary>
    TooManyHeaders,

    /// <summary>There is no Via.</summary>
    MissingVia,

    /// <summary>There is no From.</summary>
    MissingFrom,

    /// <summary>There is no To.</summary>
    MissingTo,

    /// <summary>There is no Call-ID.</summary>
    MissingCallId,

    /// <summary>There is no CSeq.</summary>
    MissingCSeq,

    /// <summary>There is no Content-Length on a stream (RFC 3261 §18.3).</summary>
    MissingContentLength,

    /// <summary>From stands more than once.</summary>
    DuplicateFrom,

    /// <summary>To stands more than once.</summary>
    DuplicateTo,

    /// <summary>Call-ID stands more than once.</summary>
    DuplicateCallId,

    /// <summary>CSeq stands more than once.</summary>
    DuplicateCSeq,

    /// <summary>Max-Forwards stands more than once.</summary>
    DuplicateMaxForwards,

    /// <summary>Content-Length stands more than once: two readers could see two message ends.</summary>
    DuplicateContentLength,

    /// <summary>Another field that may stand once only (Content-Type, Expires, RSeq …) stands more than once.</summary>
    DuplicateHeader,

    /// <summary>A malformed Via.</summary>
    Via,

    /// <summary>A malformed From.</summary>
    From,

    /// <summary>A malformed To.</summary>
    To,

    /// <summary>A malformed Call-ID.</summary>
    CallId,

    /// <summary>The CSeq number is no number below 2³¹.</summary>
    CSeqNumber,

    /// <summary>The CSeq method is missing or no token.</summary>
    CSeqMethod,

    /// <summary>The CSeq method is not the request line's (RFC 4475 §3.1.2.17).</summary>
    CSeqMismatch,

    /// <summary>Max-Forwards is no number.</summary>
    MaxForwards,

    /// <summary>Content-Length is no number.</summary>
    ContentLength,

    /// <summary>Content-Length is larger than what came in the datagram (RFC 3261 §18.3).</summary>
    ContentLengthTooLarge,

    /// <summary>The body is larger than the receiver allows.</summary>
    BodyTooLarge,

    /// <summary>A malformed Contact.</summary>
    Contact,

    /// <summary>A malformed Route.</summary>
    Route,

    /// <summary>A malformed Record-Route.</summary>
    RecordRoute,

    /// <summary>A quoted string without its end.</summary>
    QuotedString,

    /// <summary>A display name with characters that need quotes.</summary>
    DisplayName,

    /// <summary>A name-addr without its <c>&gt;</c>, or text after it that is no parameter.</summary>
    NameAddress,

    /// <summary>A malformed or empty parameter.</summary>
    Parameter,

    /// <summary>The URI has no scheme.</summary>
    UriScheme,

    /// <summary>A character that this part of a URI cannot hold, or a broken %-escape.</summary>
    UriCharacter,

    /// <summary>The host is empty, or no host name and no address.</summary>
    Host,

    /// <summary>The port is no number from 0 to 65535.</summary>
    Port,

    /// <summary>A value longer than <see cref="SipLimits"/> allows.</summary>
    TooLong,
}
