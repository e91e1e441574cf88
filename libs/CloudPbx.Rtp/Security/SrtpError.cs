namespace CloudPbx.Rtp.Security;

/// <summary>Why a packet was not protected or not accepted. Errors are counted; they never end a call (SECURITY: a stranger can cause them).</summary>
public enum SrtpError
{
    /// <summary>Done.</summary>
    None,

    /// <summary>Not an RTP or RTCP packet, or too short to carry its tag.</summary>
    Malformed,

    /// <summary>The tag is wrong: another key, another roll-over counter, or a forgery. Nothing was learnt from the packet.</summary>
    Authentication,

    /// <summary>This index was seen, or is too old to tell (RFC 3711 §3.3.2).</summary>
    Replay,

    /// <summary>The buffer has no room for tag and trailer.</summary>
    NoRoom,

    /// <summary>The key has protected as many packets as it may (RFC 3711 §9.2).</summary>
    KeyExhausted,
}
