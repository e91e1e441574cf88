using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace CloudPbx.Net.Sockets;

/// <summary>
/// An IPv4 or IPv6 address and port as the kernel has it (sockaddr_in, sockaddr_in6): compared and copied without allocation.
/// </summary>
/// <remarks>An IPv4-mapped IPv6 address stays IPv6: a socket hands out one family only.</remarks>
[StructLayout(LayoutKind.Sequential, Size = 28)]
public struct UdpAddress : IEquatable<UdpAddress>
{
    // The address word is in network order: its first three octets in memory.
    private static readonly uint s_first24Bits = BitConverter.IsLittleEndian ? 0x00FF_FFFFu : 0xFFFF_FF00u;

    private ushort _family;
    private ushort _port;           // network order
    private uint _word0;            // IPv4: the address; IPv6: flow information
    private ulong _low, _high;      // IPv6: the address, unaligned in C, hence not as one field
    private uint _scope;

    /// <summary>Takes over an endpoint.</summary>
    /// <exception cref="ArgumentException">The family is neither IPv4 nor IPv6.</exception>
    public UdpAddress(IPEndPoint endpoint)
        : this(endpoint.Address, endpoint.Port)
    {
    }

    /// <summary>Takes over an address and a port.</summary>
    /// <exception cref="ArgumentException">The family is neither IPv4 nor IPv6.</exception>
    public UdpAddress(IPAddress address, int port)
    {
        Span<byte> octets = stackalloc byte[16];
        address.TryWriteBytes(octets, out int length);
        _port = BinaryPrimitives.ReverseEndianness((ushort)port);
        switch (address.AddressFamily)
        {
            case AddressFamily.InterNetwork:
                _family = Libc.AfInet;
                _word0 = MemoryMarshal.Read<uint>(octets);
                break;
            case AddressFamily.InterNetworkV6:
                _family = Libc.AfInet6;
                _low = MemoryMarshal.Read<ulong>(octets);
                _high = MemoryMarshal.Read<ulong>(octets[8..length]);
                _scope = (uint)address.ScopeId;
                break;
            default:
                throw new ArgumentException("An IPv4 or IPv6 address is needed.", nameof(address));
        }
    }

    /// <summary>Whether there is an address at all.</summary>
    public readonly bool IsNone => _family == 0;

    /// <summary>The port, 0 to 65535.</summary>
    public readonly int Port => BinaryPrimitives.ReverseEndianness(_port);

    /// <summary>The address as an object; allocates.</summary>
    public readonly IPAddress Address
    {
        get
        {
            Span<byte> octets = stackalloc byte[16];
            if (_family == Libc.AfInet)
            {
                MemoryMarshal.Write(octets, _word0);
                return new IPAddress(octets[..4]);
            }
            if (_family != Libc.AfInet6)
                return IPAddress.None;
            MemoryMarshal.Write(octets, _low);
            MemoryMarshal.Write(octets[8..], _high);
            return new IPAddress(octets, _scope);
        }
    }

    /// <summary>Octets of the shorter kind of sockaddr; what is behind them belongs to no IPv4 address, whatever it is.</summary>
    internal const int Shortest = 16;

    /// <summary>Octets of the sockaddr.</summary>
    internal readonly uint Length => _family == Libc.AfInet6 ? 28u : Shortest;

    /// <summary>The family, AF_INET or AF_INET6.</summary>
    internal readonly int Family => _family;

    /// <summary>Equality of address and port.</summary>
    public static bool operator ==(UdpAddress left, UdpAddress right) => left.Equals(right);

    /// <summary>Inequality of address or port.</summary>
    public static bool operator !=(UdpAddress left, UdpAddress right) => !left.Equals(right);

    /// <summary>Whether the IP addresses are the same, whatever the ports.</summary>
    public readonly bool SameHost(in UdpAddress other) =>
        _family == other._family && _family != 0
        && (_family == Libc.AfInet ? _word0 == other._word0 : _low == other._low && _high == other._high);

    /// <summary>Whether the IP addresses share their /24 (IPv4) or /64 (IPv6): likely one operator's, for example one NAT's pool.</summary>
    public readonly bool SameNetwork(in UdpAddress other) =>
        _family == other._family && _family != 0
        && (_family == Libc.AfInet ? ((_word0 ^ other._word0) & s_first24Bits) == 0 : _low == other._low);

    /// <summary>The same host at another port.</summary>
    public readonly UdpAddress WithPort(int port)
    {
        UdpAddress copy = this;
        copy._port = BinaryPrimitives.ReverseEndianness((ushort)port);
        return copy;
    }

    /// <inheritdoc/>
    public readonly bool Equals(UdpAddress other) => SameHost(other) ? _port == other._port : _family == 0 && other._family == 0;

    /// <inheritdoc/>
    public override readonly bool Equals([NotNullWhen(true)] object? obj) => obj is UdpAddress other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => _family == Libc.AfInet ? HashCode.Combine(_word0, _port) : HashCode.Combine(_low, _high, _port);

    /// <summary>As <see cref="IPEndPoint"/> writes it; allocates.</summary>
    public override readonly string ToString() => IsNone ? "none" : new IPEndPoint(Address, Port).ToString();
}
