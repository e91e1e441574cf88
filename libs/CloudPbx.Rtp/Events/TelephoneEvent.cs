using System.Buffers.Binary;

namespace CloudPbx.Rtp.Events;

/// <summary>The payload of a telephone-event packet (RFC 4733 §2.3).</summary>
/// <param name="Code">0–9, 10 = *, 11 = #, 12–15 = A–D, 16 = flash, others as registered.</param>
/// <param name="IsEnd">The event is over.</param>
/// <param name="Volume">Power of the tone as −dBm0, 0 to 63.</param>
/// <param name="Duration">Time since the packet's timestamp, in timestamp ticks.</param>
public readonly record struct TelephoneEvent(byte Code, bool IsEnd, byte Volume, ushort Duration)
{
    /// <summary>Octets of a payload with one event.</summary>
    public const int Length = 4;

    private const string Digits = "0123456789*#ABCD";

    /// <summary>The digit, or <see langword="null"/> for flash and other events.</summary>
    public char? Digit => DigitOf(Code);

    /// <summary>The digit of an event code.</summary>
    /// <param name="code">The code.</param>
    /// <returns>0–9, *, #, A–D, or <see langword="null"/>.</returns>
    public static char? DigitOf(byte code) => code < Digits.Length ? Digits[code] : null;

    /// <summary>The event code of a digit.</summary>
    /// <param name="digit">0–9, *, #, A–D in either case.</param>
    /// <returns>The code, or <see langword="null"/> if it is no digit.</returns>
    public static byte? CodeOf(char digit)
    {
        int index = Digits.IndexOf(char.ToUpperInvariant(digit), StringComparison.Ordinal);
        return index < 0 ? null : (byte)index;
    }

    /// <summary>Reads the first event of a payload.</summary>
    /// <param name="payload">The RTP payload.</param>
    /// <param name="value">The event.</param>
    /// <returns>False if the payload is too short.</returns>
    public static bool TryParse(ReadOnlySpan<byte> payload, out TelephoneEvent value)
    {
        value = default;
        if (payload.Length < Length)
            return false;
        value = new TelephoneEvent(payload[0], (payload[1] & 0x80) != 0, (byte)(payload[1] & 0x3F), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }

    /// <summary>Scales the duration in a payload to another clock rate, in place.</summary>
    /// <param name="payload">The RTP payload; one that is too short stays as it is.</param>
    /// <param name="fromRate">Ticks per second of its timestamps.</param>
    /// <param name="toRate">Ticks per second that are wanted.</param>
    public static void Rescale(Span<byte> payload, int fromRate, int toRate)
    {
        if (payload.Length < Length)
            return;
        long duration = BinaryPrimitives.ReadUInt16BigEndian(payload[2..]);
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)Math.Min(duration * toRate / fromRate, ushort.MaxValue));
    }

    /// <summary>Writes the event.</summary>
    /// <param name="destination">At least <see cref="Length"/> octets.</param>
    public void Write(Span<byte> destination)
    {
        destination[0] = Code;
        destination[1] = (byte)((IsEnd ? 0x80 : 0) | Math.Min((int)Volume, 63));
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], Duration);
    }
}
