using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Recording;

/// <summary>What a tap says about a packet besides its payload. Blittable: it lies in the feed as it is.</summary>
internal readonly record struct TappedPacket
{
    /// <summary>Octets of this entry in the feed, payload and padding included.</summary>
    public int EntryLength { get; init; }

    /// <summary>Which recording: its place in the recorder's table; <see cref="RecordingFeed.Skip"/> for none.</summary>
    public int Slot { get; init; }

    /// <summary>Microseconds of the media clock.</summary>
    public long Arrival { get; init; }

    public uint Ssrc { get; init; }

    /// <summary>Extended sequence number.</summary>
    public uint Extended { get; init; }

    public uint Timestamp { get; init; }

    public ushort PayloadLength { get; init; }

    /// <summary>0 for the caller, left; 1 for the callee, right.</summary>
    public byte Side { get; init; }

    public AudioFormat Format { get; init; }

    /// <summary>Not a packet: what comes next does not follow what came before (another party, a pause).</summary>
    public bool IsBreak { get; init; }
}
