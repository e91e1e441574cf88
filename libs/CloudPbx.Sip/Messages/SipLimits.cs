namespace CloudPbx.Sip.Messages;

/// <summary>Bounds on what a stranger may make us index or keep, in octets where nothing else is said.</summary>
public static class SipLimits
{
    /// <summary>Start line and header fields together with the empty line.</summary>
    public const int HeaderSection = 65535;

    /// <summary>Number of header fields in a message.</summary>
    public const int HeaderFields = 256;

    /// <summary>Length of a header field's name.</summary>
    public const int FieldName = 255;

    /// <summary>Body of a message on a stream, unless the framer is told otherwise.</summary>
    public const int Body = 65536;

    /// <summary>Length of a URI.</summary>
    public const int Uri = 4096;

    /// <summary>Length of a host name (RFC 1035 §2.3.4) or address.</summary>
    public const int Host = 255;

    /// <summary>Length of a Call-ID.</summary>
    public const int CallId = 1024;

    /// <summary>Length of a tag, a branch or another parameter's value.</summary>
    public const int Parameter = 4096;

    /// <summary>Number of parameters of one value.</summary>
    public const int Parameters = 64;
}
