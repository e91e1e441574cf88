namespace CloudPbx.Net.Text;

/// <summary>Decimal numbers as text protocols write them: <c>1*DIGIT</c>, without sign, space or separator.</summary>
public static class Digits
{
    /// <summary>Reads octets that are all ASCII digits, leading zeros allowed.</summary>
    /// <param name="octets">The whole number.</param>
    /// <param name="value">The number; 2³²−1 for every larger one, so that nothing wraps.</param>
    /// <returns>Whether there was at least one octet and every one was a digit.</returns>
    public static bool TryParse(ReadOnlySpan<byte> octets, out uint value)
    {
        ulong number = 0;
        foreach (byte octet in octets)
        {
            uint digit = (uint)octet - '0';
            if (digit > 9)
            {
                value = 0;
                return false;
            }
            number = Math.Min(number * 10 + digit, uint.MaxValue);
        }
        value = (uint)number;
        return !octets.IsEmpty;
    }
}
