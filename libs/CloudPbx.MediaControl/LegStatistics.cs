namespace CloudPbx.MediaControl;

/// <summary>The figures of one leg over its life.</summary>
public sealed record LegStatistics
{
    /// <summary>The figures of a leg that never was.</summary>
    public static LegStatistics None { get; } = new();

    /// <summary>Encoding name of the last agreed codec, or null.</summary>
    public string? Codec { get; init; }

    /// <summary>Whether SRTP was in use.</summary>
    public bool Encrypted { get; init; }

    /// <summary>RTP packets sent to the peer.</summary>
    public long PacketsSent { get; init; }

    /// <summary>RTP packets accepted from the peer.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>RTP payload octets sent (RFC 3550 §6.4.1: without headers).</summary>
    public long OctetsSent { get; init; }

    /// <summary>RTP payload octets received.</summary>
    public long OctetsReceived { get; init; }

    /// <summary>Packets expected but not received (RFC 3550 §A.3); duplicates make it smaller, so it can be negative.</summary>
    public long Lost { get; init; }

    /// <summary>Packets that came after a later one of the same source: too late for a player without a buffer.</summary>
    public long Late { get; init; }

    /// <summary>How often packets began to come from another source (SSRC): holds, transfers, other ends behind a carrier, or somebody who forges (RFC 3550 §8.2).</summary>
    public long SourceChanges { get; init; }

    /// <summary>Packets that the peer reports as lost on its side; 0 without reports.</summary>
    public long LostByPeer { get; init; }

    /// <summary>Interarrival jitter J in milliseconds (RFC 3550 §6.4.1).</summary>
    public double JitterMilliseconds { get; init; }

    /// <summary>Datagrams dropped because they came from an address that is not the peer's.</summary>
    public long StrangersDropped { get; init; }

    /// <summary>Packets dropped because their SRTP tag was wrong or replayed.</summary>
    public long SrtpFailures { get; init; }

    /// <summary>Datagrams from where the peer is that were neither RTP nor RTCP, or of another source than the one that is heard and of a payload type that was not agreed on.</summary>
    public long Malformed { get; init; }

    /// <summary>Packets of fax and video accepted from the peer, RTCP included.</summary>
    public long PassedReceived { get; init; }

    /// <summary>Packets of fax and video sent to the peer, RTCP included.</summary>
    public long PassedSent { get; init; }

    /// <summary>Datagrams on the ports of fax and video that were neither UDPTL nor RTP.</summary>
    public long PassedMalformed { get; init; }

    /// <summary>Packet time seen last from the peer in milliseconds; 0 when unknown.</summary>
    public int PtimeMilliseconds { get; init; }

    /// <summary>Packet time sent last to the peer in milliseconds; 0 when unknown.</summary>
    public int SentPtimeMilliseconds { get; init; }

    /// <summary>Round-trip time from RTCP in milliseconds, or null.</summary>
    public double? RoundTripMilliseconds { get; init; }

    /// <summary>Estimated mean opinion score of what the peer sent, 1 to 4.5 (E-model, ITU-T G.107); null when nothing came.</summary>
    public double? Mos { get; init; }
}
