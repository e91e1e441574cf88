using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Mixing;

/// <summary>Where one leg's loop and the mixing thread meet: packets in, frames out.</summary>
/// <param name="loop">The leg's loop.</param>
internal sealed class MixPort(MediaLoop loop)
{
    private const int InLength = 16 * 1024;                 // 80 packets of 20 ms G.711
    private const int OutLength = 8 * 1024;

    /// <summary>What <see cref="OutgoingSequence"/> knows it by.</summary>
    public long Number { get; } = TalkNumbers.Next();

    /// <summary>Whole RTP packets, decrypted, stamped with the microseconds of their arrival. The loop writes.</summary>
    public PacketRing In { get; } = new(InLength);

    /// <summary>Encoded frames, stamped by <see cref="Stamp"/>. The mixer writes.</summary>
    public PacketRing Out { get; } = new(OutLength);

    public MediaLoop Loop => loop;

    /// <summary>What the mixer says of a frame to who sends it.</summary>
    public static long Stamp(byte payloadType, uint ticks, int clockRate) => ((long)clockRate << 32) | (ticks << 8) | payloadType;

    /// <summary>Reads a <see cref="Stamp"/>.</summary>
    public static (byte PayloadType, uint Ticks, int ClockRate) Read(long stamp) => ((byte)stamp, (uint)(stamp & 0xFFFF_FFFF) >> 8, (int)(stamp >> 32));
}
