namespace CloudPbx.Sip.Messages;

/// <summary>A response (RFC 3261 §7.2).</summary>
public sealed class SipResponse : SipMessage
{
    /// <summary>A response with neither header fields nor body.</summary>
    /// <param name="statusCode">100 to 699.</param>
    /// <param name="reasonPhrase">The reason phrase; <see langword="null"/> for the RFC's own.</param>
    /// <exception cref="ArgumentException">A status code out of range or a reason phrase with CR, LF or NUL: a bug of ours.</exception>
    public SipResponse(int statusCode, string? reasonPhrase = null) => throw new NotImplementedException();

    /// <summary>100 to 699.</summary>
    public int StatusCode => throw new NotImplementedException();

    /// <summary>The reason phrase, possibly empty.</summary>
    public string ReasonPhrase => throw new NotImplementedException();

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
    public static SipResponse For(SipRequest request, int statusCode, string? reasonPhrase = null, string? toTag = null) => throw new NotImplementedException();
}
