namespace CloudPbx.Contracts.Events;

/// <summary>What one leg of a call sent and received, as the media node counted it at the leg's end.</summary>
public sealed record LegMedia
{
    /// <summary>Which side of the call.</summary>
    public required CallParty Party { get; init; }

    /// <summary>The codec in use at the end (<c>PCMA</c>, <c>opus</c>), or <see langword="null"/> where none was agreed.</summary>
    public string? Codec { get; init; }

    /// <summary>Whether the leg's packets were SRTP.</summary>
    public bool Encrypted { get; init; }

    /// <summary>RTP packets sent to the party.</summary>
    public long PacketsSent { get; init; }

    /// <summary>RTP packets taken from the party.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>RTP packets of the party that never came (RFC 3550 §6.4.1, cumulative number of packets lost).</summary>
    public long PacketsLost { get; init; }

    /// <summary>RTP packets of the party that came after a later one.</summary>
    public long PacketsLate { get; init; }

    /// <summary>How often the party's packets began to come from another RTP source (SSRC), as they do after holds and transfers.</summary>
    public long SourceChanges { get; init; }

    /// <summary>Datagrams that came from another address than the party's.</summary>
    public long StrangersDropped { get; init; }

    /// <summary>Packets of the party whose SRTP authentication failed, or that came twice (RFC 3711 §3.3).</summary>
    public long PacketsUnauthentic { get; init; }

    /// <summary>Datagrams of the party that were neither RTP nor RTCP (nor UDPTL, where it sent a fax).</summary>
    public long PacketsMalformed { get; init; }

    /// <summary>Interarrival jitter of the party's packets at the end, in milliseconds (RFC 3550 §6.4.1).</summary>
    public double JitterMilliseconds { get; init; }

    /// <summary>RTP packets to the party that it reports as lost on its side; 0 without reports.</summary>
    public long PacketsLostByPeer { get; init; }

    /// <summary>Packet time seen last from the party, in milliseconds; 0 when unknown.</summary>
    public int PtimeMilliseconds { get; init; }

    /// <summary>Packet time sent last to the party, in milliseconds; 0 when unknown.</summary>
    public int SentPtimeMilliseconds { get; init; }

    /// <summary>Round trip to the party by RTCP, in milliseconds; <see langword="null"/> where it sent no reports.</summary>
    public double? RoundTripMilliseconds { get; init; }

    /// <summary>Estimated mean opinion score of what the party sent, 1 to 4.5 (E-model, ITU-T G.107); <see langword="null"/> where nothing came.</summary>
    public double? Mos { get; init; }
}
