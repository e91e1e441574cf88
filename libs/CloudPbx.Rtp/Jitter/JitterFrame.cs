namespace CloudPbx.Rtp.Jitter;

/// <summary>A packet that a <see cref="JitterBuffer"/> gives out when its time has come.</summary>
/// <param name="PayloadType">Its payload type.</param>
/// <param name="Marker">Its marker bit.</param>
/// <param name="Timestamp">Its timestamp in ticks.</param>
/// <param name="Length">Octets of its payload.</param>
/// <param name="LostPackets">Packets missing between the one given out before and this one; conceal them first.</param>
public readonly record struct JitterFrame(byte PayloadType, bool Marker, uint Timestamp, int Length, int LostPackets);
