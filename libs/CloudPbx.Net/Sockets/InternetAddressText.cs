using System.Buffers.Binary;
using System.Globalization;

namespace CloudPbx.Net.Sockets;

/// <summary>IPv6 addresses as text, without allocation.</summary>
internal static class InternetAddressText
{
    /// <summary>Writes an address in the canonical form of RFC 5952: lower case, the longest run of zero groups as <c>::</c>.</summary>
    /// <returns>The octets written; 0 when the destination is too short.</returns>
    public static int FormatIPv6(ReadOnlySpan<byte> address, Span<byte> destination)
    {
        Span<ushort> groups = stackalloc ushort[8];
        for (int i = 0; i < 8; i++)
            groups[i] = BinaryPrimitives.ReadUInt16BigEndian(address[(2 * i)..]);
        (int zeroStart, int zeroLength) = LongestZeroRun(groups);

        int written = 0;
        for (int i = 0; i < 8; i++)
        {
            if (i == zeroStart)
            {
                if (destination.Length - written < 2)
                    return 0;
                destination[written++] = (byte)':';
                if (i == 0)
                    destination[written++] = (byte)':';
                i += zeroLength - 1;
                continue;
            }
            if (!groups[i].TryFormat(destination[written..], out int digits, "x", CultureInfo.InvariantCulture))
                return 0;
            written += digits;
            if (i == 7)
                break;
            if (written == destination.Length)
                return 0;
            destination[written++] = (byte)':';
        }
        return written;
    }

    // RFC 5952 §4.2: the first of the longest runs, and never a single group.
    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<ushort> groups)
    {
        (int bestStart, int bestLength) = (-1, 1);
        for (int i = 0; i < groups.Length;)
        {
            int end = i;
            while (end < groups.Length && groups[end] == 0)
                end++;
            if (end - i > bestLength)
                (bestStart, bestLength) = (i, end - i);
            i = Math.Max(end, i + 1);
        }
        return (bestStart, bestLength);
    }
}
