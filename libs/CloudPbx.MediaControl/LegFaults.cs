namespace CloudPbx.MediaControl;

/// <summary>Why a command was refused: the values of <see cref="LegDescription.Fault"/>.</summary>
public static class LegFaults
{
    /// <summary>The node is away or did not answer in time.</summary>
    public const string NodeUnavailable = "media node unavailable";

    /// <summary>The node has no free RTP port.</summary>
    public const string NoFreePort = "no free media port";

    /// <summary>The body is not a session description (RFC 8866).</summary>
    public const string MalformedSdp = "malformed session description";

    /// <summary>The description has no audio stream that we can carry.</summary>
    public const string NoAudio = "no audio stream";

    /// <summary>No codec of the description is one of ours, or of the other party.</summary>
    public const string NoCommonCodec = "no common codec";

    /// <summary>The policy requires SRTP and the description has no usable key, or it requires SRTP and the policy forbids it.</summary>
    public const string EncryptionMismatch = "encryption not acceptable";

    /// <summary>The node does not know the leg.</summary>
    public const string UnknownLeg = "unknown leg";

    /// <summary>An answer without an offer.</summary>
    public const string NoOffer = "no offer to answer";

    /// <summary>A sound that is to be played does not exist.</summary>
    public const string NoSuchSound = "no such sound";

    /// <summary>The leg that is to be supervised talks with nobody here.</summary>
    public const string NotTalking = "not in a conversation";

    /// <summary>The node can only pass on the codec in use, so nothing can be recorded, mixed or played. A peer has said no other one; where it answered us, it may have more than it said.</summary>
    public const string NotDecodable = "codec cannot be decoded";

    /// <summary>The same, but all peers have said codecs that the node can decode: a re-INVITE with <see cref="LegPolicy.DecodableOnly"/> gets one into use.</summary>
    public const string OtherCodecNeeded = "codec cannot be decoded, others were offered";

    /// <summary>A newer owner has taken the session.</summary>
    public const string StaleEpoch = "stale epoch";

    /// <summary>The command itself was not well formed: a bug of the controller.</summary>
    public const string BadCommand = "bad command";
}
