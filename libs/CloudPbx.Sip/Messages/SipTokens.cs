using System.Buffers.Text;
using System.Runtime.InteropServices;
using CloudPbx.Net.Memory;

namespace CloudPbx.Sip.Messages;

/// <summary>Makes the random strings of SIP: tags, branches, Call-IDs; and the random numbers of back-off times and first CSeqs.</summary>
/// <remarks>A seeded <see cref="Random"/> makes tests repeatable; everything that runs uses <see cref="Secure"/>. Only the secure one may be shared by threads.</remarks>
public sealed class SipTokens
{
    private readonly Random? _random;

    /// <summary>Creates a repeatable source, for tests.</summary>
    /// <param name="random">The source of all randomness.</param>
    public SipTokens(Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        _random = random;
    }

    private SipTokens()
    {
    }

    /// <summary>Gets the source on the operating system's generator: tags and branches must not be guessable (RFC 3261 §19.3: at least 32 bits).</summary>
    public static SipTokens Secure { get; } = new();

    /// <summary>A new From or To tag, 72 bits (RFC 3261 §19.3).</summary>
    /// <returns>A token of letters, digits, <c>-</c> and <c>_</c>.</returns>
    public string NewTag() => NewToken(9);

    /// <summary>A new branch with the magic cookie (RFC 3261 §8.1.1.7), 96 bits.</summary>
    /// <returns>A token that begins with <c>z9hG4bK</c>.</returns>
    public string NewBranch() => "z9hG4bK" + NewToken(12);

    /// <summary>A new Call-ID without a host part, 120 bits (RFC 3261 §8.1.1.4): it names no machine.</summary>
    /// <returns>A token.</returns>
    public string NewCallId() => NewToken(15);

    /// <summary>A new cnonce of a digest client (RFC 7616 §3.4), 96 bits.</summary>
    /// <returns>A token.</returns>
    public string NewCnonce() => NewToken(12);

    /// <summary>A first CSeq number: small enough that it never reaches 2³¹ (RFC 3261 §8.1.1.5).</summary>
    /// <returns>A number from 1 to 2³⁰.</returns>
    public uint NewCSeq() => (uint)Next(1 << 30) + 1;

    /// <summary>A random number.</summary>
    /// <param name="limit">The exclusive upper bound, at least 1.</param>
    /// <returns>A number from 0 to <paramref name="limit"/> - 1.</returns>
    public int Next(int limit)
    {
        if (_random is not null)
            return _random.Next(limit);
        ulong drawn = 0;
        RandomOctets.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref drawn)));
        return (int)Math.BigMul(drawn, (ulong)limit, out _);          // of 64 bits: no number is likelier than another by more than 2⁻³³
    }

    private string NewToken(int octets)
    {
        Span<byte> bytes = stackalloc byte[octets];
        if (_random is null)
            RandomOctets.Fill(bytes);
        else
            _random.NextBytes(bytes);
        return Base64Url.EncodeToString(bytes);
    }
}
