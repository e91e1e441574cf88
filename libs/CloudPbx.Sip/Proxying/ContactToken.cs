using System.Diagnostics.CodeAnalysis;

namespace CloudPbx.Sip.Proxying;

/// <summary>The user part of every Contact that we give to a peer: it names the tenant, the call and the leg, so that any edge can
/// take a request in a dialog and find its tenant (a stateless kind of GRUU, RFC 5627).</summary>
/// <param name="Tenant">The tenant's identifier.</param>
/// <param name="Call">The call's number in its tenant; the tenant's runtime chooses it at random.</param>
/// <param name="Leg">The leg's number in its call, 0 to <see cref="MaxLeg"/>.</param>
/// <remarks>Written as 40 characters of <c>0–9</c> and <c>a–z</c>: tenant (25), call (13), leg (2), each in base 36. It is no secret and proves
/// nothing: a request that carries it must still belong to a dialog (S11).</remarks>
public readonly record struct ContactToken(Guid Tenant, ulong Call, int Leg)
{
    /// <summary>The characters of a token.</summary>
    public const int Length = TenantDigits + CallDigits + LegDigits;

    /// <summary>The highest leg number that fits.</summary>
    public const int MaxLeg = 36 * 36 - 1;

    /// <summary>The leg number by which a registered line's Contact is told from a call's: <see cref="Call"/> is the line's number then.</summary>
    public const int LineLeg = MaxLeg;

    /// <summary>The leg number of a subscription's Contact: <see cref="Call"/> is a number at random then.</summary>
    public const int SubscriptionLeg = MaxLeg - 1;

    private const int TenantDigits = 25;
    private const int CallDigits = 13;
    private const int LegDigits = 2;

    /// <summary>Reads a token. Upper case is read as lower case: some peers change the case of a user part.</summary>
    /// <returns>False when the text is not one of our tokens.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out ContactToken token)
    {
        token = default;
        if (text.Length != Length)
            return false;
        Span<byte> octets = stackalloc byte[Length];
        for (int i = 0; i < Length; i++)
        {
            if (text[i] > 'z')
                return false;
            octets[i] = (byte)text[i];
        }
        return TryParse(octets, out token);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out ContactToken)"/>
    public static bool TryParse(ReadOnlySpan<byte> text, out ContactToken token)
    {
        token = default;
        if (text.Length != Length
            || !TryReadDigits(text[..TenantDigits], UInt128.MaxValue, out UInt128 tenant)
            || !TryReadDigits(text.Slice(TenantDigits, CallDigits), ulong.MaxValue, out UInt128 call)
            || !TryReadDigits(text[(TenantDigits + CallDigits)..], MaxLeg, out UInt128 leg))
            return false;
        Span<byte> guid = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(guid, tenant);
        token = new ContactToken(new Guid(guid, bigEndian: true), (ulong)call, (int)leg);
        return true;
    }

    /// <summary>Writes the token's <see cref="Length"/> characters.</summary>
    /// <returns>False when the destination is too short.</returns>
    /// <exception cref="InvalidOperationException"><see cref="Leg"/> is out of range.</exception>
    public bool TryWrite(Span<char> destination)
    {
        if ((uint)Leg > MaxLeg)
            throw new InvalidOperationException("A leg's number does not fit into a Contact token.");
        if (destination.Length < Length)
            return false;
        Span<byte> guid = stackalloc byte[16];
        _ = Tenant.TryWriteBytes(guid, bigEndian: true, out _);
        WriteDigits(destination[..TenantDigits], System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(guid));
        WriteDigits(destination.Slice(TenantDigits, CallDigits), Call);
        WriteDigits(destination.Slice(TenantDigits + CallDigits, LegDigits), (UInt128)(uint)Leg);
        return true;
    }

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1065", Justification = "A leg out of range is a bug of ours, and must not become a wrong address.")]
    public override string ToString() => string.Create(Length, this, static (span, token) => token.TryWrite(span));

    private static void WriteDigits(Span<char> destination, UInt128 value)
    {
        for (int i = destination.Length - 1; i >= 0; i--)
        {
            (value, UInt128 digit) = UInt128.DivRem(value, 36);
            destination[i] = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)digit];
        }
    }

    private static bool TryReadDigits(ReadOnlySpan<byte> text, UInt128 max, out UInt128 value)
    {
        value = 0;
        foreach (byte c in text)
        {
            uint digit = c switch
            {
                >= (byte)'0' and <= (byte)'9' => (uint)(c - '0'),
                >= (byte)'a' and <= (byte)'z' => (uint)(c - 'a' + 10),
                >= (byte)'A' and <= (byte)'Z' => (uint)(c - 'A' + 10),
                _ => 36,
            };
            if (digit == 36 || value > (max - digit) / 36)
                return false;
            value = value * 36 + digit;
        }
        return true;
    }
}
