using CloudPbx.Media.Relay;

namespace CloudPbx.Media.Mixing;

/// <summary>Where one leg's loop and the mixing thread meet: packets in, frames out.</summary>
/// <param name="loop">The leg's loop.</param>
internal sealed class MixPort(MediaLoop loop)
{
    private const int InLength = 16 * 1024;                 // 80 packets of 20 ms G.711
    private const int OutLength = 8 * 1024;
    private const int FormatShift = 56;                     // clock rates need 16 bits of the 24 below

    /// <summary>What <see cref="OutgoingSequence"/> knows it by.</summary>
    public long Number { get; } = TalkNumbers.Next();

    /// <summary>It is one of a conference's: what is heard there may be recorded with the party. Not what a supervisor hears, which is a call of others.</summary>
    public bool IsRoom { get; init; }

    /// <summary>Whole RTP packets, decrypted, stamped with the microseconds of their arrival. The loop writes.</summary>
    public PacketRing In { get; } = new(InLength);

    /// <summary>Encoded frames, stamped by <see cref="Stamp"/>. The mixer writes.</summary>
    public PacketRing Out { get; } = new(OutLength);

    public MediaLoop Loop => loop;

    /// <summary>What the mixer says of a frame to who sends it.</summary>
    public static long Stamp(AudioFormat format, byte payloadType, uint ticks, int clockRate) => ((long)format << FormatShift) | ((long)clockRate << 32) | (ticks << 8) | payloadType;

    /// <summary>Reads a <see cref="Stamp"/>.</summary>
    public static (AudioFormat Format, byte PayloadType, uint Ticks, int ClockRate) Read(long stamp) =>
        ((AudioFormat)(stamp >> FormatShift), (byte)stamp, (uint)(stamp & 0xFFFF_FFFF) >> 8, (int)(stamp >> 32) & 0xFF_FFFF);
}
