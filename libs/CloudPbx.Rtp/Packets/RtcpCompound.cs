using System.Buffers.Binary;

namespace CloudPbx.Rtp.Packets;

/// <summary>An RTCP datagram as a sequence of packets (RFC 3550 §6.1); single packets of reduced size are taken too (RFC 5506).</summary>
/// <example><code>
/// if (RtcpCompound.Parse(datagram, out RtcpCompound compound) == RtcpParseError.None)
///     foreach (RtcpPacket packet in compound) …
/// </code></example>
/// <remarks>Allocation-free.</remarks>
public readonly ref struct RtcpCompound
{
    private readonly ReadOnlySpan<byte> _datagram;

    private RtcpCompound(ReadOnlySpan<byte> datagram) => _datagram = datagram;

    /// <summary>Checks all lengths of a datagram.</summary>
    /// <param name="datagram">The whole datagram, after decryption if there is any.</param>
    /// <param name="compound">The packets; empty unless the result is <see cref="RtcpParseError.None"/>.</param>
    /// <returns>Why it is no RTCP, or <see cref="RtcpParseError.None"/>. Never throws.</returns>
    public static RtcpParseError Parse(ReadOnlySpan<byte> datagram, out RtcpCompound compound)
    {
        compound = default;
        if (datagram.Length < 4)
            return RtcpParseError.TooShort;
        if (datagram[1] is < 192 or > 223)
            return RtcpParseError.PacketType;
        ReadOnlySpan<byte> rest = datagram;
        while (!rest.IsEmpty)
        {
            if (rest.Length < 4)
                return RtcpParseError.Length;
            if (rest[0] >> 6 != 2)
                return RtcpParseError.Version;
            int length = LengthOf(rest);
            if (length > rest.Length)
                return RtcpParseError.Length;
            if ((rest[0] & 0x20) != 0 && (length != rest.Length || rest[length - 1] == 0 || rest[length - 1] > length - 4))
                return RtcpParseError.Padding;
            rest = rest[length..];
        }
        compound = new RtcpCompound(datagram);
        return RtcpParseError.None;
    }

    /// <summary>Goes through the packets.</summary>
    /// <returns>An enumerator for <c>foreach</c>.</returns>
    public Enumerator GetEnumerator() => new(_datagram);

    private static int LengthOf(ReadOnlySpan<byte> packet) => 4 * (BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) + 1);

    /// <summary>Goes through the packets of a checked datagram.</summary>
    public ref struct Enumerator
    {
        private ReadOnlySpan<byte> _rest;

        internal Enumerator(ReadOnlySpan<byte> datagram) => _rest = datagram;

        /// <summary>The packet in turn.</summary>
        public RtcpPacket Current { get; private set; }

        /// <summary>Goes on to the next packet.</summary>
        /// <returns>False after the last.</returns>
        public bool MoveNext()
        {
            if (_rest.IsEmpty)
                return false;
            int length = LengthOf(_rest);
            int padding = (_rest[0] & 0x20) != 0 ? _rest[length - 1] : 0;
            Current = new RtcpPacket(_rest[..(length - padding)]);
            _rest = _rest[length..];
            return true;
        }
    }
}
