using System.Buffers.Binary;
using CloudPbx.Media.Recording;
using CloudPbx.Net.Sockets;
using CloudPbx.Rtp.Packets;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>
/// The way of most packets: the next one of its source, from where the peer is known to be, speech that goes to one hearer as it is. It touches two <see cref="StreamState"/>
/// and, where it is encrypted or recorded, the keys (<see cref="SrtpState"/>) and the tap. Everything else, and everything that is not as the packet before it, goes through <see cref="MediaStream"/>, which says when the short way may be taken.
/// </summary>
internal static unsafe class ShortWay
{
    private const uint Marker = 0x0080_0000;

    /// <summary>The head of packets that have no padding, extension or contributing sources: version 2 and their payload type.</summary>
    public static ushort HeadOf(byte payloadType) => (ushort)(0x8000 | payloadType);

    /// <summary>Passes a packet on.</summary>
    /// <param name="speaker">To whose RTP socket it came.</param>
    /// <param name="buffer">The packet, in which its header is written anew.</param>
    /// <param name="length">Octets of the packet.</param>
    /// <param name="from">Its source.</param>
    /// <param name="now">Microseconds.</param>
    /// <param name="packets">Sends it.</param>
    /// <param name="counters">The loop's.</param>
    /// <param name="tap">Copies it for a recording; null: none.</param>
    /// <returns>False: nothing was done, it has to go the long way.</returns>
    public static bool TryPass(StreamState* speaker, Span<byte> buffer, int length, in UdpAddress from, long now, PacketLoop packets, LoopCounters counters, RecordingTap? tap = null)
    {
        StreamState* hearer = speaker->Hearer;
        // One branch for both, since streams of either kind take turns.
        if (hearer is null || length < RtpPacket.FixedHeaderLength || ((speaker->OnlyLength != 0) & (speaker->OnlyLength != length)))
            return false;
        uint head = BinaryPrimitives.ReadUInt32BigEndian(buffer), ssrc = BinaryPrimitives.ReadUInt32BigEndian(buffer[8..]), timestamp = BinaryPrimitives.ReadUInt32BigEndian(buffer[4..]);
        ushort sequence = (ushort)head;
        SrtpState* opens = speaker->Opens, protects = speaker->Protects;
        if ((head & ~Marker) >> 16 != speaker->Head || ssrc != speaker->Received.Ssrc || sequence != (ushort)(speaker->Received.Highest + 1)
            || hearer->Source.Locked.IsNone || from != speaker->Source.Locked || (protects is not null && !protects->Knows(hearer->Outgoing.Ssrc)))
            return false;
        if (opens is not null && !opens->TryOpenNext(buffer[..length], out length))
            return false;                                   // not genuine, as far as is seen from here: it has taught nothing (SECURITY.md S14)
        _ = speaker->Source.IsLocked(from, now);            // it is; this notes that it was heard
        int clockRate = speaker->HeardClockRate, payloadLength = length - RtpPacket.FixedHeaderLength;
        speaker->Heard = now;
        speaker->SilenceReported = false;
        speaker->Received.Add(sequence, timestamp, unchecked((uint)(now * clockRate / 1_000_000)));
        uint extended = speaker->Received.Highest;
        speaker->Seen.Add(extended);                        // it follows the highest: it was not seen
        speaker->Take(sequence, timestamp, payloadLength, clockRate, isAudio: true);
        counters.Received++;
        tap?.Take(speaker->HeardFormat, ssrc, extended, timestamp, buffer.Slice(RtpPacket.FixedHeaderLength, payloadLength), now);
        if (!hearer->Outgoing.TryMap(speaker->Number, ssrc, extended, timestamp, clockRate, now, out ushort sendSequence, out uint sendTimestamp, out bool first))
            return true;
        RtpHeader.Write(buffer, speaker->HearersType, (head & Marker) != 0 || first, sendSequence, sendTimestamp, hearer->Outgoing.Ssrc);
        hearer->Advance(sendTimestamp);
        if (protects is not null && protects->Protect(buffer, length, out length) != SrtpError.None)
            return true;
        if (!packets.TrySend(hearer->Socket, buffer[..length], hearer->Source.Locked))
            return true;
        hearer->Count(payloadLength);
        counters.Sent++;
        return true;
    }
}
