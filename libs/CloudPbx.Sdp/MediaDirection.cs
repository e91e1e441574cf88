namespace CloudPbx.Sdp;

/// <summary>Which way media flows, seen by the side that wrote the description (RFC 8866 §6.7). Usable as two bits.</summary>
[Flags]
public enum MediaDirection
{
    /// <summary>Neither sends nor receives.</summary>
    Inactive = 0,

    /// <summary>Sends only.</summary>
    SendOnly = 1,

    /// <summary>Receives only.</summary>
    RecvOnly = 2,

    /// <summary>Sends and receives; what is meant when nothing is said.</summary>
    SendRecv = 3,
}
