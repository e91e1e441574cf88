using System.Buffers.Binary;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Listeners;

/// <summary>Answers STUN binding requests on the SIP port, which phones send to keep a NAT's binding (RFC 5626 §4.4.2, RFC 8489).</summary>
internal static class StunResponder
{
    private const int HeaderLength = 20;
    private const uint MagicCookie = 0x2112A442;
    private const ushort BindingRequest = 0x0001;
    private const ushort BindingSuccess = 0x0101;
    private const ushort XorMappedAddress = 0x0020;

    /// <summary>The most octets of an answer.</summary>
    public const int MaxLength = HeaderLength + 4 + 20;

    /// <summary>Whether a datagram is STUN: no SIP message begins with a zero octet (RFC 8489 §5).</summary>
    public static bool IsStun(ReadOnlySpan<byte> datagram) =>
        datagram.Length >= HeaderLength && datagram[0] <= 3 && BinaryPrimitives.ReadUInt32BigEndian(datagram[4..]) == MagicCookie;

    /// <summary>Writes the answer to a binding request.</summary>
    /// <param name="request">A datagram for which <see cref="IsStun"/> holds.</param>
    /// <param name="remote">Where it came from.</param>
    /// <param name="response">At least <see cref="MaxLength"/> octets.</param>
    /// <returns>The octets written; 0 when the message gets no answer.</returns>
    public static int Answer(ReadOnlySpan<byte> request, in InternetEndPoint remote, Span<byte> response)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(request[2..]);
        if (BinaryPrimitives.ReadUInt16BigEndian(request) != BindingRequest || length % 4 != 0 || length != request.Length - HeaderLength)
            return 0;
        int valueLength = 4 + remote.AddressLength;
        BinaryPrimitives.WriteUInt16BigEndian(response, BindingSuccess);
        BinaryPrimitives.WriteUInt16BigEndian(response[2..], (ushort)(4 + valueLength));
        request.Slice(4, 16).CopyTo(response[4..]);                         // cookie and transaction id
        Span<byte> attribute = response[HeaderLength..];
        BinaryPrimitives.WriteUInt16BigEndian(attribute, XorMappedAddress);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[2..], (ushort)valueLength);
        attribute[4] = 0;
        attribute[5] = (byte)(remote.IsIPv6 ? 2 : 1);
        BinaryPrimitives.WriteUInt16BigEndian(attribute[6..], (ushort)(remote.Port ^ (MagicCookie >> 16)));
        Span<byte> address = attribute.Slice(8, remote.AddressLength);
        _ = remote.TryWriteAddress(address);
        for (int i = 0; i < address.Length; i++)
            address[i] ^= response[4 + i];                                  // RFC 8489 §14.2: cookie, then transaction id
        return HeaderLength + 4 + valueLength;
    }
}
