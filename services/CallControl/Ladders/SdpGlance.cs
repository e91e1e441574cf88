using System.Buffers.Text;
using CloudPbx.Contracts.Events;

namespace CloudPbx.CallControl.Ladders;

/// <summary>
/// What a session description says of its audio, seen in passing and kept in a few octets: codecs, direction, encryption. It decides nothing (sessions are the media node's business), and its
/// keys are passed over.
/// </summary>
internal readonly record struct SdpGlance
{
    private const int MaximumCodecs = 10;                         // of six bits each
    private const int BitsPerCodec = 6;
    private const byte Unknown = 1;

    // The place in the list is what is kept; new ones go to its end.
    private static readonly string[] s_names =
    [
        "", "?", "PCMU", "PCMA", "G722", "opus", "G729", "telephone-event", "CN", "GSM", "iLBC", "speex", "AMR", "AMR-WB", "EVS", "G723", "G728", "G726-32", "L16", "SILK", "red",
    ];

    private readonly ulong _codecs;
    private readonly Traits _traits;

    private SdpGlance(ulong codecs, Traits traits) => (_codecs, _traits) = (codecs, traits);

    [Flags]
    private enum Traits : byte
    {
        None = 0,
        Present = 1,
        SendOnly = 2,
        ReceiveOnly = 4,
        Inactive = SendOnly | ReceiveOnly,
        Sdes = 8,
        Dtls = 16,
        Refused = 32,
        Others = 64,
    }

    /// <summary>Looks at a message's body.</summary>
    /// <returns>The default where it is no session description (RFC 8866 §5.1: it begins with its version).</returns>
    public static SdpGlance Of(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("v="u8))
            return default;
        Span<byte> types = stackalloc byte[MaximumCodecs];
        Span<byte> codecs = stackalloc byte[MaximumCodecs];
        int count = 0;
        Traits session = Traits.None, direction = Traits.None, found = Traits.Present | Traits.Refused;
        bool inSession = true, inAudio = false, hasAudio = false, hasDirection = false;
        while (!body.IsEmpty)
        {
            int end = body.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = (end < 0 ? body : body[..end]).TrimEnd((byte)'\r');
            body = end < 0 ? [] : body[(end + 1)..];
            if (line.StartsWith("m="u8))
            {
                inSession = false;
                inAudio = !hasAudio && line.StartsWith("m=audio "u8);
                if (!inAudio)
                {
                    found |= Traits.Others;
                    continue;
                }
                hasAudio = true;
                count = ReadFormats(line[8..], types, codecs, out bool isRefused);
                if (!isRefused)
                    found &= ~Traits.Refused;
            }
            else if (inAudio || inSession)
            {
                if (inAudio && line.StartsWith("a=rtpmap:"u8))
                    Name(line[9..], types[..count], codecs[..count]);
                else if (line.StartsWith("a=crypto:"u8))
                    found |= Traits.Sdes;
                else if (line.StartsWith("a=fingerprint:"u8))
                    found |= Traits.Dtls;
                else if (line.StartsWith("c=IN IP4 0.0.0.0"u8))
                    session |= Traits.Inactive;                   // RFC 3264 §8.4: how RFC 2543 put on hold
                else if (DirectionOf(line) is { } way && (inAudio || !hasDirection))
                    (direction, hasDirection) = (way, true);
            }
        }
        ulong kept = 0;
        for (int i = count - 1; i >= 0; i--)
            kept = (kept << BitsPerCodec) | codecs[i];
        return new SdpGlance(kept, found | direction | session);
    }

    /// <summary>The same for people; null where there was none.</summary>
    public LadderMedia? ToMedia()
    {
        if (!_traits.HasFlag(Traits.Present))
            return null;
        List<string> codecs = [];
        for (ulong left = _codecs; left != 0; left >>= BitsPerCodec)
            codecs.Add(s_names[(int)(left & ((1 << BitsPerCodec) - 1))]);
        return new LadderMedia
        {
            Codecs = codecs,
            Direction = (_traits & Traits.Inactive) switch
            {
                Traits.Inactive => LadderDirection.Inactive,
                Traits.SendOnly => LadderDirection.SendOnly,
                Traits.ReceiveOnly => LadderDirection.ReceiveOnly,
                _ => LadderDirection.SendReceive,
            },
            Security = _traits.HasFlag(Traits.Dtls) ? LadderSecurity.Dtls : _traits.HasFlag(Traits.Sdes) ? LadderSecurity.Sdes : LadderSecurity.None,
            IsRefused = _traits.HasFlag(Traits.Refused),
            HasOthers = _traits.HasFlag(Traits.Others),
        };
    }

    // port ["/" count] proto format … (RFC 8866 §5.14)
    private static int ReadFormats(ReadOnlySpan<byte> value, Span<byte> types, Span<byte> codecs, out bool isRefused)
    {
        isRefused = value.StartsWith("0 "u8);
        int count = 0;
        for (int word = 0; !value.IsEmpty && count < types.Length; word++)
        {
            int space = value.IndexOf((byte)' ');
            ReadOnlySpan<byte> next = space < 0 ? value : value[..space];
            value = space < 0 ? [] : value[(space + 1)..];
            if (word < 2 || !Utf8Parser.TryParse(next, out byte type, out int digits) || digits != next.Length)
                continue;
            types[count] = type;
            codecs[count++] = NameOf(type);
        }
        return count;
    }

    // RFC 3551 §6: what needs no rtpmap.
    private static byte NameOf(byte type) => type switch
    {
        0 => 2,
        3 => 9,
        4 => 15,
        8 => 3,
        9 => 4,
        13 => 8,
        15 => 16,
        18 => 6,
        _ => Unknown,
    };

    private static void Name(ReadOnlySpan<byte> map, ReadOnlySpan<byte> types, Span<byte> codecs)
    {
        if (!Utf8Parser.TryParse(map, out byte type, out int digits) || types.IndexOf(type) is not (>= 0 and var at))
            return;
        ReadOnlySpan<byte> name = map[digits..].TrimStart((byte)' ');
        int slash = name.IndexOf((byte)'/');
        name = slash < 0 ? name : name[..slash];
        for (byte i = 2; i < s_names.Length; i++)
        {
            if (System.Text.Ascii.EqualsIgnoreCase(name, s_names[i]))
                codecs[at] = i;
        }
    }

    private static Traits? DirectionOf(ReadOnlySpan<byte> line) =>
        line.SequenceEqual("a=sendrecv"u8) ? Traits.None
        : line.SequenceEqual("a=sendonly"u8) ? Traits.SendOnly
        : line.SequenceEqual("a=recvonly"u8) ? Traits.ReceiveOnly
        : line.SequenceEqual("a=inactive"u8) ? Traits.Inactive
        : null;
}
