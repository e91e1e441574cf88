namespace CloudPbx.Media.Relay;

/// <summary>What the packet path asks of the settings for each packet. A stream keeps its own copy: another object is another page of memory, and there are too many for the processor to remember.</summary>
[Flags]
internal enum StreamFlags : byte
{
    /// <summary>Nothing is agreed on.</summary>
    None = 0,

    /// <summary>There are settings.</summary>
    Agreed = 1 << 0,

    /// <summary>The peer takes media.</summary>
    CanSend = 1 << 1,

    /// <summary>The peer's media is taken.</summary>
    CanReceive = 1 << 2,

    /// <summary>Both directions are encrypted.</summary>
    Encrypted = 1 << 3,

    /// <summary>RTCP shares the RTP port.</summary>
    RtcpMux = 1 << 4,

    /// <summary>DTLS or ICE come on the RTP port, too.</summary>
    ShakesHands = 1 << 5,
}
