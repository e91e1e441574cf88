using System.Text;

namespace CloudPbx.TestKit.Fuzzing;

/// <summary>
/// Makes broken inputs out of good ones: a few small changes each, the same for the same seed. Beside octets it changes what a grammar is made
/// of: lines are doubled, dropped, swapped and taken from other inputs, numbers are set to the borders of ranges, whole phrases are put in.
/// </summary>
/// <param name="corpus">Good inputs to start from.</param>
/// <param name="seed">Where the random numbers begin.</param>
/// <param name="phrases">What means trouble in this grammar: put in at the beginning of a line, or anywhere. May be empty.</param>
/// <param name="mostChanges">How many changes an input gets at most.</param>
public sealed class Mutator(IReadOnlyList<byte[]> corpus, int seed, IReadOnlyList<byte[]>? phrases = null, int mostChanges = 5)
{
    // Octets that mean something to one of our grammars, and the borders of ranges.
    private static readonly byte[] s_telling = [.. " \t\r\n\0\v:;,<>\"\\@%[]?&=/.*-+0919zZ"u8, 0x7F, 0x80, 0xC3, 0xFF];

    private static readonly string[] s_numbers =
    [
        "0", "1", "-1", "+1", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296", "9223372036854775808",
        "36893488147419103232", "00000000000000000000000000000001", "1e9", "0x10",
    ];

    // Lengths at which buffers and counters of others have broken (CVE-2018-8828 and its kind).
    private static readonly int[] s_lengths = [64, 65, 128, 255, 256, 257, 1023, 1024, 1025];

    private readonly List<byte[]> _corpus = [.. corpus];
    private readonly Random _random = new(seed);

    /// <summary>Adds an input to start from: one that has led somewhere new.</summary>
    public void Add(byte[] input) => _corpus.Add(input);

    /// <summary>The next input.</summary>
    public byte[] Next()
    {
        List<byte> octets = [.. Pick()];
        for (int changes = _random.Next(1, mostChanges + 1); changes > 0; changes--)
        {
            if (_random.Next(3) == 0)
                ChangeGrammar(octets);
            else
                ChangeOctets(octets);
        }
        return [.. octets];
    }

    private void ChangeOctets(List<byte> octets)
    {
        int at = _random.Next(octets.Count + 1);
        int length = Math.Min(_random.Next(1, 24), octets.Count - at);
        switch (_random.Next(9))
        {
            case 0 when length > 0:
                octets[at] = Telling();
                break;
            case 1 when length > 0:
                octets[at] = (byte)_random.Next(256);
                break;
            case 2 when length > 0:
                octets[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 3:
                octets.Insert(at, Telling());
                break;
            case 4:
                octets.RemoveRange(at, length);
                break;
            case 5:
                octets.InsertRange(at, octets.GetRange(at, length));
                break;
            case 6:
                octets.InsertRange(at, Enumerable.Repeat(Telling(), _random.Next(8) == 0 ? OneOf(s_lengths) : _random.Next(1, 70)));
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

    private void ChangeGrammar(List<byte> octets)
    {
        (int start, int length) = Line(octets);
        List<byte> line = octets.GetRange(start, length);
        switch (_random.Next(8))
        {
            case 0:                                                             // the field twice
                octets.InsertRange(start, line);
                break;
            case 1:                                                             // or not at all
                octets.RemoveRange(start, length);
                break;
            case 2:                                                             // or at another place
                octets.RemoveRange(start, length);
                octets.InsertRange(Line(octets).Start, line);
                break;
            case 3:                                                             // another input's field
                List<byte> other = [.. Pick()];
                (int from, int count) = Line(other);
                octets.InsertRange(start, other.GetRange(from, count));
                break;
            case 4:
                SetNumber(octets, _random.Next(octets.Count + 1));
                break;
            case 5 when phrases is { Count: > 0 }:
                octets.InsertRange(_random.Next(3) > 0 ? start : _random.Next(octets.Count + 1), OneOf(phrases));
                break;
            case 6:                                                             // a fold, or a line break of another kind
                int at = start + _random.Next(length + 1);
                octets.InsertRange(at, OneOf<byte[]>(["\r\n "u8.ToArray(), "\r\n\t"u8.ToArray(), "\n"u8.ToArray(), "\r"u8.ToArray(), "\r\n"u8.ToArray()]));
                break;
            default:                                                            // a token as long as those that broke others
                octets.InsertRange(start + _random.Next(length + 1), Enumerable.Repeat((byte)'a', OneOf(s_lengths)));
                break;
        }
    }

    /// <summary>A random line with its break; a binary input is one line, or few.</summary>
    private (int Start, int Length) Line(List<byte> octets)
    {
        if (octets.Count == 0)
            return (0, 0);
        int at = _random.Next(octets.Count);
        int start = at == 0 ? 0 : octets.LastIndexOf((byte)'\n', at - 1) + 1;
        int end = octets.IndexOf((byte)'\n', at);
        return (start, (end < 0 ? octets.Count : end + 1) - start);
    }

    /// <summary>Sets the first number behind a place to the border of a range; where there is none, two octets as a length field would be.</summary>
    private void SetNumber(List<byte> octets, int at)
    {
        int start = octets.FindIndex(at, c => char.IsAsciiDigit((char)c));
        if (start >= 0)
        {
            int end = octets.FindIndex(start, c => !char.IsAsciiDigit((char)c));
            octets.RemoveRange(start, (end < 0 ? octets.Count : end) - start);
            octets.InsertRange(start, Encoding.ASCII.GetBytes(OneOf(s_numbers)));
        }
        else if (at + 1 < octets.Count)
        {
            (octets[at], octets[at + 1]) = OneOf<(byte, byte)>([(0, 0), (0, 1), (0x7F, 0xFF), (0x80, 0), (0xFF, 0xFE), (0xFF, 0xFF)]);
        }
    }

    private byte Telling() => s_telling[_random.Next(s_telling.Length)];

    private T OneOf<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];

    private byte[] Pick() => _corpus[_random.Next(_corpus.Count)];
}
