using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CloudPbx.State.Bans;

/// <summary>Whom a ban is for: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address there has them all.</summary>
/// <remarks>Its text is <c>192.0.2.1</c> or <c>2001:db8:0:1::/64</c>.</remarks>
public readonly record struct BanSource
{
    private const int PrefixLength = 64;

    /// <summary>Makes a source of an address as a number.</summary>
    /// <param name="bits">32 bits of IPv4, or 128 of IPv6.</param>
    /// <param name="isIPv6">Which.</param>
    public BanSource(UInt128 bits, bool isIPv6)
    {
        Bits = isIPv6 ? bits >> PrefixLength << PrefixLength : bits;
        IsIPv6 = isIPv6;
    }

    /// <summary>The address as a number; the lower half of an IPv6 address is zero.</summary>
    public UInt128 Bits { get; }

    /// <summary>Whether it is an IPv6 network.</summary>
    public bool IsIPv6 { get; }

    /// <summary>The source that an address belongs to. An IPv4-mapped address is an IPv4 address.</summary>
    public static BanSource From(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        Span<byte> octets = stackalloc byte[16];
        _ = address.TryWriteBytes(octets, out int length);
        if (length == 4)
            return new BanSource(BinaryPrimitives.ReadUInt32BigEndian(octets), false);
        return address.IsIPv4MappedToIPv6
            ? new BanSource(BinaryPrimitives.ReadUInt32BigEndian(octets[12..]), false)
            : new BanSource(BinaryPrimitives.ReadUInt128BigEndian(octets), true);
    }

    /// <summary>Parses an address, or the text of a source.</summary>
    /// <returns>False for anything else. Never throws.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out BanSource source)
    {
        source = default;
        ReadOnlySpan<char> address = text;
        int slash = address.IndexOf('/');
        if (slash >= 0)
        {
            if (!int.TryParse(address[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int length) || length is not (32 or PrefixLength))
                return false;
            address = address[..slash];
            if (!IPAddress.TryParse(address, out IPAddress? network) || (length == 32) != (network.AddressFamily == AddressFamily.InterNetwork))
                return false;
            source = From(network);
            return true;
        }
        if (!IPAddress.TryParse(address, out IPAddress? ip))
            return false;
        source = From(ip);
        return true;
    }

    /// <summary>Its first address.</summary>
    public IPAddress ToIPAddress()
    {
        Span<byte> octets = stackalloc byte[16];
        if (IsIPv6)
        {
            BinaryPrimitives.WriteUInt128BigEndian(octets, Bits);
            return new IPAddress(octets);
        }
        BinaryPrimitives.WriteUInt32BigEndian(octets, (uint)Bits);
        return new IPAddress(octets[..4]);
    }

    /// <inheritdoc/>
    public override string ToString() => IsIPv6 ? $"{ToIPAddress()}/{PrefixLength}" : ToIPAddress().ToString();
}
