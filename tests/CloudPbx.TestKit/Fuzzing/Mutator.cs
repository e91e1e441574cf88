namespace CloudPbx.TestKit.Fuzzing;

/// <summary>Makes broken inputs out of good ones: a few small changes each, the same for the same seed.</summary>
public sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed)
{
    // Octets that mean something to one of our grammars, and the borders of ranges.
    private static readonly byte[] s_telling = [.. " \t\r\n\0:;,<>\"\\@%[]?&=/.*-+0919zZ"u8, 0x7F, 0x80, 0xC3, 0xFF];

    private readonly Random _random = new(seed);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        List<byte> octets = [.. Pick()];
        for (int changes = _random.Next(1, 6); changes > 0; changes--)
            Change(octets);
        return [.. octets];
    }

    private void Change(List<byte> octets)
    {
        int at = _random.Next(octets.Count + 1);
        int length = Math.Min(_random.Next(1, 24), octets.Count - at);
        switch (_random.Next(9))
        {
            case 0 when length > 0:
                octets[at] = s_telling[_random.Next(s_telling.Length)];
                break;
            case 1 when length > 0:
                octets[at] = (byte)_random.Next(256);
                break;
            case 2 when length > 0:
                octets[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 3:
                octets.Insert(at, s_telling[_random.Next(s_telling.Length)]);
                break;
            case 4:
                octets.RemoveRange(at, length);
                break;
            case 5:
                octets.InsertRange(at, octets.GetRange(at, length));
                break;
            case 6:
                octets.InsertRange(at, Enumerable.Repeat(s_telling[_random.Next(s_telling.Length)], _random.Next(1, 70)));
                break;
            case 7 when _random.Next(4) == 0:
                octets.RemoveRange(at, octets.Count - at);
                break;
            default:
                byte[] other = Pick();
                int from = _random.Next(other.Length + 1);
                octets.InsertRange(at, other.AsSpan(from, Math.Min(_random.Next(1, 120), other.Length - from)).ToArray());
                break;
        }
    }

    private byte[] Pick() => corpus[_random.Next(corpus.Count)];
}
