namespace CloudPbx.Sdp;

/// <summary>What a party demands of encryption (SDES, RFC 4568).</summary>
public enum SrtpPolicy
{
    /// <summary>
    /// We neither ask for keys nor take those of an RTP/AVP offer. An offer of RTP/SAVP alone is still answered with keys: refusing it
    /// would only end the call (GNOME Calls with "encryption preferred" offers nothing else).
    /// </summary>
    Off,

    /// <summary>Keys are used wherever the peer has them, under RTP/SAVP or RTP/AVP (INTEROP I63); else the call goes in clear.</summary>
    Optional,

    /// <summary>RTP/SAVP with keys or no call: an RTP/AVP description is refused (488).</summary>
    Required,
}
