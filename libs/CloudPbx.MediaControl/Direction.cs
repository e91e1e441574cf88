namespace CloudPbx.MediaControl;

/// <summary>Which way audio flows, seen from the media node (RFC 8866 §6.7).</summary>
public enum Direction
{
    /// <summary>Both ways.</summary>
    SendRecv,

    /// <summary>The node sends only.</summary>
    SendOnly,

    /// <summary>The node receives only: the peer holds the call with <c>sendonly</c>.</summary>
    RecvOnly,

    /// <summary>Neither way.</summary>
    Inactive,
}
