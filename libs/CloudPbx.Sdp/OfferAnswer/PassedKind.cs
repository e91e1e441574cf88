namespace CloudPbx.Sdp;

/// <summary>What a stream besides the audio carries.</summary>
public enum PassedKind
{
    /// <summary>Fax in real time (ITU-T T.38 by UDPTL, RFC 3362): <c>m=image … udptl t38</c>.</summary>
    Fax,

    /// <summary>Moving pictures by RTP: <c>m=video</c>.</summary>
    Video,
}
