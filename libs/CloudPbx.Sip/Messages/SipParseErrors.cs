namespace CloudPbx.Sip.Messages;

/// <summary>What a fault is answered with.</summary>
public static class SipParseErrors
{
    /// <summary>A short phrase that names the fault, for the answer's reason phrase: safe to send, without anything of the sender's.</summary>
    public static string ToReasonPhrase(this SipParseError error) => error switch
    {
        SipParseError.None => "OK",
        SipParseError.Empty => "Empty Message",
        SipParseError.StartLine => "Malformed Start Line",
        SipParseError.RequestLineSpace => "Extra Space In Request Line",
        SipParseError.Method => "Malformed Method",
        SipParseError.RequestUri => "Malformed Request-URI",
        SipParseError.RequestUriHeaders => "Headers In Request-URI",
        SipParseError.Version => "Version Not Supported",
        SipParseError.StatusCode => "Malformed Status Code",
        SipParseError.BareLineBreak => "Bare CR Or LF In Header",
        SipParseError.HeaderLine => "Malformed Header Line",
        SipParseError.HeaderName => "Malformed Header Name",
        SipParseError.HeaderSectionOpen => "Header Section Not Closed",
        SipParseError.HeaderSectionTooLarge => "Header Section Too Large",
        SipParseError.TooManyHeaders => "Too Many Headers",
        SipParseError.MissingVia => "Missing Via",
        SipParseError.MissingFrom => "Missing From",
        SipParseError.MissingTo => "Missing To",
        SipParseError.MissingCallId => "Missing Call-ID",
        SipParseError.MissingCSeq => "Missing CSeq",
        SipParseError.MissingContentLength => "Missing Content-Length",
        SipParseError.DuplicateFrom => "More Than One From",
        SipParseError.DuplicateTo => "More Than One To",
        SipParseError.DuplicateCallId => "More Than One Call-ID",
        SipParseError.DuplicateCSeq => "More Than One CSeq",
        SipParseError.DuplicateMaxForwards => "More Than One Max-Forwards",
        SipParseError.DuplicateContentLength => "More Than One Content-Length",
        SipParseError.DuplicateHeader => "Single Header Repeated",
        SipParseError.Via => "Malformed Via",
        SipParseError.From => "Malformed From",
        SipParseError.To => "Malformed To",
        SipParseError.CallId => "Malformed Call-ID",
        SipParseError.CSeqNumber => "Malformed CSeq Number",
        SipParseError.CSeqMethod => "Malformed CSeq Method",
        SipParseError.CSeqMismatch => "CSeq Method Mismatch",
        SipParseError.MaxForwards => "Malformed Max-Forwards",
        SipParseError.ContentLength => "Malformed Content-Length",
        SipParseError.ContentLengthTooLarge => "Content-Length Larger Than Message",
        SipParseError.BodyTooLarge => "Message Too Large",
        SipParseError.Contact => "Malformed Contact",
        SipParseError.Route => "Malformed Route",
        SipParseError.RecordRoute => "Malformed Record-Route",
        SipParseError.QuotedString => "Unterminated Quoted String",
        SipParseError.DisplayName => "Malformed Display Name",
        SipParseError.NameAddress => "Malformed Address",
        SipParseError.Parameter => "Malformed Parameter",
        SipParseError.UriScheme => "Missing URI Scheme",
        SipParseError.UriCharacter => "Malformed URI",
        SipParseError.Host => "Malformed Host",
        SipParseError.Port => "Malformed Port",
        SipParseError.TooLong => "Value Too Long",
        _ => "Bad Request",
    };

    /// <summary>The status code of the answer: 505 for another version, 513 for what is too large, 400 for the rest (RFC 3261 §21.4, §21.5).</summary>
    public static int ToStatusCode(this SipParseError error) => error switch
    {
        SipParseError.Version => 505,
        SipParseError.HeaderSectionTooLarge or SipParseError.TooManyHeaders or SipParseError.BodyTooLarge => 513,
        _ => 400,
    };
}
