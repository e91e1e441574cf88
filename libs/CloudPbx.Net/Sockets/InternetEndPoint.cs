using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CloudPbx.Net.Sockets;

/// <summary>An IPv4 or IPv6 address with a port, as a plain value: the allocation-free form of <see cref="IPEndPoint"/>.</summary>
/// <remarks>IPv4-mapped IPv6 addresses become IPv4, so that a peer has one form whichever socket it was seen on.</remarks>
public readonly record struct InternetEndPoint
{
    // Offsets inside sockaddr_in and sockaddr_in6, after the two octets of the family.
    private const int PortOffset = 2;
    private const int Address4Offset = 4;
    private const int Address6Offset = 8;
    private const int ScopeOffset = 24;
    private const int SocketAddress4Length = 16;

    /// <summary>The octets of an IPv4 address, and of an IPv6 address, in a socket address.</summary>
    public const int MaxSocketAddressLength = 28;

    /// <summary>Makes an end point of an address in network order.</summary>
    /// <param name="address">4 or 16 octets.</param>
    /// <param name="port">The port, 0 to 65535.</param>
    /// <param name="scopeId">The zone of a link-local IPv6 address (RFC 4007), 0 for none.</param>
    /// <exception cref="ArgumentException">The address has another length.</exception>
    public InternetEndPoint(ReadOnlySpan<byte> address, int port, uint scopeId = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, ushort.MaxValue, nameof(port));
        Port = (ushort)port;
        switch (address.Length)
        {
            case 4:
                Bits = BinaryPrimitives.ReadUInt32BigEndian(address);
                break;
            case 16:
                UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(address);
                if (bits >> 32 == 0xFFFF)
                {
                    Bits = (uint)bits;
                    break;
                }
                Bits = bits;
                IsIPv6 = true;
                ScopeId = scopeId;
                break;
            default:
                throw new ArgumentException("An address has 4 or 16 octets.", nameof(address));
        }
    }

    /// <summary>The address as a number: 32 bits for IPv4, 128 for IPv6.</summary>
    public UInt128 Bits { get; }

    /// <summary>The port.</summary>
    public ushort Port { get; private init; }

    /// <summary>The same address without a port: whoever it is there.</summary>
    public InternetEndPoint WithoutPort => this with { Port = 0 };

    /// <summary>Whether the address is an IPv6 address.</summary>
    public bool IsIPv6 { get; }

    /// <summary>The zone of a link-local IPv6 address (RFC 4007), 0 for none.</summary>
    public uint ScopeId { get; }

    /// <summary>The octets of the address: 4 or 16.</summary>
    public int AddressLength => IsIPv6 ? 16 : 4;

    /// <summary>The value form of an <see cref="IPEndPoint"/>.</summary>
    public static InternetEndPoint From(IPEndPoint endPoint)
    {
        ArgumentNullException.ThrowIfNull(endPoint);
        Span<byte> address = stackalloc byte[16];
        _ = endPoint.Address.TryWriteBytes(address, out int length);
        uint scope = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? (uint)endPoint.Address.ScopeId : 0;
        return new InternetEndPoint(address[..length], endPoint.Port, scope);
    }

    /// <summary>Reads a kernel's sockaddr_in or sockaddr_in6.</summary>
    /// <returns>False for another address family.</returns>
    internal static bool TryFrom(ReadOnlySpan<byte> socketAddress, out InternetEndPoint endPoint)
    {
        endPoint = default;
        if (socketAddress.Length < Address4Offset + 4)
            return false;
        switch (BitConverter.ToUInt16(socketAddress))
        {
            case Libc.AfInet:
                endPoint = new InternetEndPoint(socketAddress.Slice(Address4Offset, 4), BinaryPrimitives.ReadUInt16BigEndian(socketAddress[PortOffset..]));
                return true;
            case Libc.AfInet6 when socketAddress.Length >= MaxSocketAddressLength:
                endPoint = new InternetEndPoint(socketAddress.Slice(Address6Offset, 16), BinaryPrimitives.ReadUInt16BigEndian(socketAddress[PortOffset..]),
                    BitConverter.ToUInt32(socketAddress.Slice(ScopeOffset, 4)));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Writes the end point into a socket address that is used again and again.</summary>
    /// <param name="socketAddress">Of the family of the socket that will send; an IPv4 end point fits an IPv6 one too, as a mapped address.</param>
    /// <returns>False when an IPv6 end point is to be sent by an IPv4 socket.</returns>
    public bool TryWriteTo(SocketAddress socketAddress)
    {
        ArgumentNullException.ThrowIfNull(socketAddress);
        return WriteTo(socketAddress.Buffer.Span, socketAddress.Family) > 0;
    }

    /// <summary>Writes the end point as a kernel's sockaddr_in or sockaddr_in6.</summary>
    /// <param name="octets">At least <see cref="MaxSocketAddressLength"/>.</param>
    /// <param name="family">That of the socket that will send.</param>
    /// <returns>The octets written; 0 when an IPv6 end point is to be sent by an IPv4 socket.</returns>
    internal int WriteTo(Span<byte> octets, AddressFamily family)
    {
        if (family == AddressFamily.InterNetwork)
        {
            if (IsIPv6)
                return 0;
            _ = BitConverter.TryWriteBytes(octets, (ushort)Libc.AfInet);
            BinaryPrimitives.WriteUInt16BigEndian(octets[PortOffset..], Port);
            _ = TryWriteAddress(octets[Address4Offset..]);
            return SocketAddress4Length;
        }
        _ = BitConverter.TryWriteBytes(octets, (ushort)Libc.AfInet6);
        BinaryPrimitives.WriteUInt16BigEndian(octets[PortOffset..], Port);
        octets.Slice(4, 4).Clear();                                     // flow information
        Span<byte> address = octets.Slice(Address6Offset, 16);
        BinaryPrimitives.WriteUInt128BigEndian(address, IsIPv6 ? Bits : Bits | ((UInt128)0xFFFF << 32));
        _ = BitConverter.TryWriteBytes(octets.Slice(ScopeOffset, 4), ScopeId);
        return MaxSocketAddressLength;
    }

    /// <summary>Writes the address in network order: <see cref="AddressLength"/> octets.</summary>
    /// <returns>False when the destination is too short.</returns>
    public bool TryWriteAddress(Span<byte> destination) =>
        IsIPv6 ? BinaryPrimitives.TryWriteUInt128BigEndian(destination, Bits) : BinaryPrimitives.TryWriteUInt32BigEndian(destination, (uint)Bits);

    /// <summary>The address alone. Allocates.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> address = stackalloc byte[16];
        _ = TryWriteAddress(address);
        return ScopeId != 0 ? new IPAddress(address, ScopeId) : new IPAddress(address[..AddressLength]);
    }

    /// <summary>The framework's form. Allocates.</summary>
    public IPEndPoint ToIPEndPoint() => new(ToIPAddress(), Port);

    /// <summary>Writes the address as text, without port, zone and brackets. Does not allocate.</summary>
    /// <returns>The octets written; 0 when the destination is shorter than 45 octets and too short.</returns>
    public int FormatAddress(Span<byte> utf8Destination)
    {
        if (IsIPv6)
        {
            Span<byte> address = stackalloc byte[16];
            _ = TryWriteAddress(address);
            return InternetAddressText.FormatIPv6(address, utf8Destination);
        }
        uint bits = (uint)Bits;
        int written = 0;
        for (int shift = 24; shift >= 0; shift -= 8)
        {
            if (!((bits >> shift) & 0xFF).TryFormat(utf8Destination[written..], out int digits, default, CultureInfo.InvariantCulture))
                return 0;
            written += digits;
            if (shift == 0)
                break;
            if (written == utf8Destination.Length)
                return 0;
            utf8Destination[written++] = (byte)'.';
        }
        return written;
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPEndPoint().ToString();
}
