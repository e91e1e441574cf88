using System.Runtime.InteropServices;
using CloudPbx.Rtp.Jitter;
using CloudPbx.Rtp.Security;

namespace CloudPbx.Media.Relay;

/// <summary>
/// What a packet touches of a stream, in a few cache lines of their own: thousands of streams take turns, and each line of each of them has left the nearer caches by then.
/// First what a packet needs that is sent, then what one needs that comes.
/// </summary>
/// <remarks>Lives in <see cref="StreamStates"/>; its stream's, on its loop. What is asked for now and then only stands in <see cref="MediaStream"/>.</remarks>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct StreamState
{
    /// <summary>How much of it a packet touches that comes; and how much of that one that is sent, besides the source.</summary>
    public const int TakenOctets = 320, SentOctets = 128;

    /// <summary>Who hears what comes, where that takes the short way (<see cref="ShortWay"/>); else null.</summary>
    public StreamState* Hearer;

    /// <summary>What <see cref="OutgoingSequence"/> of the hearer knows the stream by.</summary>
    public long Number;

    public OutgoingSequence Outgoing;

    /// <summary>The first half of the first word of packets that take the short way, without marker.</summary>
    public ushort Head;

    /// <summary>Of the settings; none while there are none.</summary>
    public StreamFlags Flags;

    /// <summary>Under which payload type the hearer gets it.</summary>
    public byte HearersType;

    /// <summary>The RTP socket, as the packet loop knows it.</summary>
    public int Socket;

    /// <summary>Of what is sent; also of what takes the short way.</summary>
    public int ClockRate, HeardClockRate;

    public long PacketsSent, OctetsSent;

    public uint SentTimestamp, SentTicks;

    /// <summary>When the peer was heard last, and when it is told the next report, in microseconds.</summary>
    public long Heard, ReportDue;

    public uint LastTimestamp;

    public ushort LastSequence;

    public bool HasSource, SilenceReported;

    public SeenWindow Seen;

    public long PacketsReceived, OctetsReceived;

    public ReceiverStatistics Received;

    public int PtimeMilliseconds;

    /// <summary>What takes the short way is.</summary>
    public AudioFormat HeardFormat;

    public bool SentSinceReport;

    /// <summary>The only length of datagrams that may take the short way; 0: any.</summary>
    public ushort OnlyLength;

    /// <summary>What opens that which takes the short way, and what protects it for the hearer; null where it is in clear. Of the streams' own contexts: changed with those.</summary>
    public SrtpState* Opens, Protects;

    public SourceFilter Source;

    /// <summary>Counts a packet of the peer that is taken.</summary>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="payloadLength">Octets.</param>
    /// <param name="clockRate">Ticks per second.</param>
    /// <param name="isAudio">Whether two of these in a row tell the packet time.</param>
    public void Take(ushort sequence, uint timestamp, int payloadLength, int clockRate, bool isAudio)
    {
        PacketsReceived++;
        OctetsReceived += payloadLength;
        if (isAudio && unchecked((ushort)(LastSequence + 1)) == sequence)
        {
            uint ticks = unchecked(timestamp - LastTimestamp);
            if (ticks > 0 && ticks <= (uint)clockRate / 4)
                PtimeMilliseconds = (int)(ticks * 1000 / (uint)clockRate);
        }
        (LastSequence, LastTimestamp) = (sequence, timestamp);
    }

    /// <summary>Notes how much a packet holds that is to be sent.</summary>
    public void Advance(uint timestamp)
    {
        uint ticks = unchecked(timestamp - SentTimestamp);
        SentTimestamp = timestamp;
        if (ticks - 1 < (uint)ClockRate / 4)        // a step forwards, and no pause
            SentTicks = ticks;
    }

    /// <summary>Counts a packet that was sent.</summary>
    public void Count(int payloadLength)
    {
        PacketsSent++;
        OctetsSent += payloadLength;
        SentSinceReport = true;
    }
}
