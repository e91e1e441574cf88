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

    /// <summary>Interarrival jitter of the party's packets at the end, in milliseconds (RFC 3550 §6.4.1).</summary>
    public double JitterMilliseconds { get; init; }
}
