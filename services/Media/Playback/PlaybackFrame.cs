namespace CloudPbx.Media.Playback;

/// <summary>What a <see cref="Playing"/> gives for one packet time.</summary>
/// <param name="Length">Octets of payload; 0: nothing is sent in this packet time.</param>
/// <param name="PayloadType">The peer's number for it.</param>
/// <param name="Ticks">Timestamp ticks since the packet before.</param>
/// <param name="ClockRate">Ticks per second.</param>
/// <param name="Marker">Wants a marker whatever came before.</param>
internal readonly record struct PlaybackFrame(int Length, byte PayloadType, uint Ticks, int ClockRate, bool Marker);
