namespace CloudPbx.Sip.Transport;

/// <summary>What <see cref="StreamFramer.TryRead"/> found at the front of a stream.</summary>
public enum FrameResult
{
    /// <summary>No whole message yet: read more octets and come back with all that were not taken.</summary>
    NeedMore = 0,

    /// <summary>One whole message.</summary>
    Message,

    /// <summary>CRLF CRLF: answer CRLF (RFC 5626 §3.5.1).</summary>
    KeepAlivePing,

    /// <summary>A lone CRLF: the answer to our ping, or an empty line before a message. Ignore it.</summary>
    KeepAlivePong,

    /// <summary>The stream can no longer be cut into messages: answer if possible, close it (RFC 3261 §18.3).</summary>
    Malformed,
}
