using System.Security.Cryptography;
using CloudPbx.Net.Sockets;

namespace CloudPbx.Edge.Guard;

/// <summary>Spreads sources over a table by a random key, so that nobody can choose whose place he takes. A source is an IPv4 address or an IPv6 /64.</summary>
internal readonly struct SourceHash
{
    private readonly ulong _key;

    private SourceHash(ulong key) => _key = key;

    /// <summary>A hash of its own key.</summary>
    public static SourceHash Create() => new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1);

    /// <summary>The hash of a source; all its bits are used.</summary>
    public ulong Of(in InternetEndPoint source)
    {
        ulong value = source.IsIPv6 ? (ulong)(source.Bits >> 64) : (ulong)source.Bits | 0xFFFF_0000_0000_0000;
        value = (value ^ _key) * 0x9E37_79B9_7F4A_7C15;     // Fibonacci hashing, keyed, with a finaliser of splitmix64
        value = (value ^ (value >> 30) ^ _key) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
