namespace CloudPbx.Sdp;

/// <summary>Why a description cannot be served. All of them answer an offer with 488 Not Acceptable Here.</summary>
public enum NegotiationFault
{
    /// <summary>It can be served.</summary>
    None,

    /// <summary>There is no <c>m=audio</c> section with a port.</summary>
    NoAudio,

    /// <summary>The audio's transport protocol is none of ours (for example DTLS only).</summary>
    Protocol,

    /// <summary>There is neither a connection address in the section nor in the session.</summary>
    NoAddress,

    /// <summary>Encryption is required and the description has none.</summary>
    EncryptionRequired,

    /// <summary>RTP/SAVP without a key that we can use.</summary>
    NoUsableKey,

    /// <summary>No codec that both sides have.</summary>
    NoCommonCodec,

    /// <summary>The answer refused our audio (port 0, or the section is missing).</summary>
    Refused,
}
