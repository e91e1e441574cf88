namespace CloudPbx.Rtp.Packets;

/// <summary>What a sequence number means for its source (RFC 3550 A.1).</summary>
public enum SequenceOutcome
{
    /// <summary>In order, perhaps after a gap, or late by less than a hundred.</summary>
    Valid,

    /// <summary>The source is still on probation: not enough packets in a row yet.</summary>
    Probation,

    /// <summary>A big jump: ignored, unless the next packet follows it.</summary>
    Jump,

    /// <summary>Two packets in a row after a big jump: the source started anew and the counts with it.</summary>
    Restarted,
}
