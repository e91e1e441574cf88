namespace CloudPbx.Rtp.Security;

/// <summary>What is known of one SSRC under one master key: its place in the packet index and what was seen around it. What each packet of RTP needs stands first.</summary>
internal struct SrtpSource(uint ssrc)
{
    public readonly uint Ssrc = ssrc;

    /// <summary>True until the first packet after a hand-over or re-key authenticates.</summary>
    public bool Resynchronise;

    /// <summary>The counter of packets at this source's last one; 0 marks a free slot.</summary>
    public long LastHeard;

    /// <summary>RTP: 48-bit indices, roll-over counter and sequence number (RFC 3711 §3.3.1).</summary>
    public ReplayWindow Rtp;

    /// <summary>RTCP received: 31-bit explicit indices.</summary>
    public ReplayWindow Rtcp;

    /// <summary>RTCP sent: the index of the next packet.</summary>
    public uint NextRtcpIndex;

    /// <summary>§3.3.1: the index nearest to the highest one; the first packet of a source has counter 0.</summary>
    public readonly ulong EstimateIndex(ushort sequence)
    {
        if (!Rtp.HasAny)
            return sequence;
        ulong counter = Rtp.Highest >> 16;
        int highest = (ushort)Rtp.Highest;
        if (highest < 0x8000)
        {
            // Before the very first roll-over there is no earlier counter: the number is ahead then.
            if (sequence - highest > 0x8000 && counter > 0)
                counter--;
        }
        else if (highest - 0x8000 > sequence)
        {
            counter++;
        }
        return (counter << 16) | sequence;
    }
}
