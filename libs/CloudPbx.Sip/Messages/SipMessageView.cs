using System.Runtime.CompilerServices;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// A message seen in place: one pass over the octets finds the start line's parts, every header field and the body. Allocates nothing.
/// </summary>
/// <remarks>About 2 KB: pass it by <see langword="in"/>. Valid as long as the octets.</remarks>
public ref partial struct SipMessageView
{
    private ReadOnlySpan<byte> _octets;
    private Fields _fields;
    private int _headerCount;
    private int _startLineEnd;
    private int _bodyStart;             // 0 until the header section's end was found
    private int _methodEnd;             // of a request whose method is a token, else 0
    private Range _second;              // Request-URI or reason phrase
    private bool _bareLineBreak;

    /// <summary>The message: from the start line to the body's end, without empty lines before it.</summary>
    public readonly ReadOnlySpan<byte> Octets => _octets;

    /// <summary>Whether the start line is a request line.</summary>
    public bool IsRequest { readonly get; private set; }

    /// <summary>The method's octets; of a response empty.</summary>
    public readonly ReadOnlySpan<byte> MethodText => _octets[.._methodEnd];

    /// <summary>The method; an unknown one costs a string.</summary>
    public readonly SipMethod Method => _methodEnd == 0 ? default : SipMethod.From(MethodText);

    /// <summary>The Request-URI's octets; of a response empty.</summary>
    public readonly ReadOnlySpan<byte> RequestUri => IsRequest ? _octets[_second] : default;

    /// <summary>The status code; of a request 0.</summary>
    public int StatusCode { readonly get; private set; }

    /// <summary>The reason phrase's octets, perhaps empty; of a request empty.</summary>
    public readonly ReadOnlySpan<byte> ReasonPhrase => IsRequest ? default : _octets[_second];

    /// <summary>Where the start line lies in <see cref="Octets"/>, without its CRLF.</summary>
    public readonly Range StartLine => .._startLineEnd;

    /// <summary>Number of header fields; folded lines belong to the field before.</summary>
    public readonly int HeaderCount => _headerCount;

    /// <summary>Where the body lies in <see cref="Octets"/>.</summary>
    public readonly Range BodyRange => (_bodyStart == 0 ? _octets.Length : _bodyStart).._octets.Length;

    /// <summary>The body, as long as Content-Length says; without one, the rest of the octets.</summary>
    public readonly ReadOnlySpan<byte> Body => _octets[BodyRange];

    /// <summary>Length of start line, header fields and the empty line; 0 if there is no empty line.</summary>
    internal readonly int HeaderSectionLength => _bodyStart;

    /// <summary>What Content-Length declares, or <see langword="null"/>.</summary>
    internal uint? ContentLength { readonly get; private set; }

    /// <summary>Indexes one message.</summary>
    /// <param name="octets">A datagram, or what <c>StreamFramer</c> cut out of a stream.</param>
    /// <param name="view">The message; with a fault, as far as it could be indexed.</param>
    /// <returns>
    /// The first fault of start line, line structure, names, repeated single fields and Content-Length, or <see cref="SipParseError.None"/>.
    /// Values are not looked at: see <see cref="FindFault"/>. Never throws.
    /// </returns>
    public static SipParseError Parse(ReadOnlySpan<byte> octets, out SipMessageView view)
    {
        SipParseError error = ParseHeaderSection(octets, out view);
        if (view._bodyStart == 0 || view.ContentLength is not { } declared)
            return error;                                       // without Content-Length a datagram's body is its rest (§18.3)
        int present = view._octets.Length - view._bodyStart;
        if (declared > present)
            return First(error, SipParseError.ContentLengthTooLarge);
        view._octets = view._octets[..(view._bodyStart + (int)declared)];
        return error;
    }

    /// <summary>The same without the body: what a stream framer needs to find it. One indexer for both (framer and parser never disagree).</summary>
    internal static SipParseError ParseHeaderSection(ReadOnlySpan<byte> octets, out SipMessageView view)
    {
        view = default;
        octets = octets.TrimStart("\r\n"u8);                    // §7.5: empty lines before the start line are ignored
        if (octets.Trim((byte)0).IsEmpty)
            return SipParseError.Empty;
        view._octets = octets;
        SipParseError error = view.IndexLines();
        return First(error, view.ReadContentLength());
    }

    /// <summary>A header field by its place, from 0.</summary>
    public readonly SipHeaderView GetHeader(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)_headerCount, nameof(index));
        Field field = _fields[index];
        return new SipHeaderView(field.Name, _octets, field.Start..field.End, field.NameLength, field.ValueStart - field.Start);
    }

    /// <summary>The place of the first field of this name at or after a place, or −1.</summary>
    public readonly int IndexOf(SipHeaderName name, int from = 0)
    {
        for (int i = from; i < _headerCount; i++)
            if (_fields[i].Name == name)
                return i;
        return -1;
    }

    /// <summary>The first field of this name.</summary>
    public readonly bool TryFind(SipHeaderName name, out SipHeaderView header)
    {
        int index = IndexOf(name);
        header = index < 0 ? default : GetHeader(index);
        return index >= 0;
    }

    private static SipParseError First(SipParseError first, SipParseError second) => first != SipParseError.None ? first : second;

    private SipParseError IndexLines()
    {
        SipParseError error = SipParseError.None;
        SeenOnce seen = default;
        for (int start = 0; ; )
        {
            ReadOnlySpan<byte> rest = _octets[start..];
            int length = rest.IndexOfAny((byte)'\r', (byte)'\n');
            if (length < 0 || length + 1 == rest.Length && rest[length] == (byte)'\r')
                return First(error, SipParseError.HeaderSectionOpen);
            if (rest[length] != (byte)'\r' || rest[length + 1] != (byte)'\n')
            {
                _bareLineBreak = true;
                return SipParseError.BareLineBreak;
            }
            int end = start + length;
            if (end + 2 > SipLimits.HeaderSection)
                return SipParseError.HeaderSectionTooLarge;
            if (start == 0)
            {
                _startLineEnd = end;
                error = IndexStartLine();
            }
            else if (length == 0)
            {
                _bodyStart = end + 2;
                return error;
            }
            else if (_headerCount == SipLimits.HeaderFields && rest[0] is not ((byte)' ' or (byte)'\t'))
            {
                return SipParseError.TooManyHeaders;
            }
            else
            {
                error = First(error, IndexField(start, end, ref seen));
            }
            start = end + 2;
        }
    }

    private SipParseError IndexField(int start, int end, ref SeenOnce seen)
    {
        ReadOnlySpan<byte> line = _octets[start..end];
        if (line[0] is (byte)' ' or (byte)'\t')                 // §7.3.1: folded, goes on with the field before
        {
            if (_headerCount == 0)
                return SipParseError.HeaderLine;
            _fields[_headerCount - 1].End = (ushort)end;
            return SipParseError.None;
        }
        int colon = line.IndexOf((byte)':');
        if (colon < 0)
            return SipParseError.HeaderLine;
        ReadOnlySpan<byte> name = line[..colon].TrimEnd(" \t"u8);   // HCOLON = *( SP / HTAB ) ":" SWS
        if (name.Length > SipLimits.FieldName || !SipAscii.IsToken(name))
            return SipParseError.HeaderName;
        SipHeaderName id = SipHeaderNames.Identify(name);
        _fields[_headerCount++] = new Field
        {
            Start = (ushort)start,
            End = (ushort)end,
            ValueStart = (ushort)(start + colon + 1),
            NameLength = (byte)name.Length,
            Name = id,
        };
        return seen.Add(id);
    }

    private SipParseError IndexStartLine()
    {
        ReadOnlySpan<byte> line = _octets[.._startLineEnd];
        if (line.Length >= 4 && SipAscii.EqualsIgnoreCase(line[..4], "SIP/"u8))
            return IndexStatusLine(line);
        int space = line.IndexOf((byte)' ');
        int trimmed = line.TrimEnd((byte)' ').Length;
        int version = line[..trimmed].LastIndexOf((byte)' ') + 1;
        if (space <= 0 || version <= space || trimmed - version < 5 || !SipAscii.EqualsIgnoreCase(line.Slice(version, 4), "SIP/"u8))
            return SipParseError.StartLine;                     // not even meant as SIP
        IsRequest = true;
        ReadOnlySpan<byte> method = line[..space];
        if (method.Length > SipMethod.MaximumLength || !SipAscii.IsToken(method))
            return SipParseError.Method;
        _methodEnd = space;
        ReadOnlySpan<byte> uri = line[(space + 1)..Math.Max(space + 1, version - 1)];
        _second = (space + 1)..(space + 1 + uri.Length);
        return !SipAscii.EqualsIgnoreCase(line[version..trimmed], "SIP/2.0"u8) ? SipParseError.Version
            : uri.IsEmpty ? SipParseError.RequestUri
            : trimmed < line.Length || uri[0] == (byte)' ' || uri[^1] == (byte)' ' ? SipParseError.RequestLineSpace
            : SipParseError.None;
    }

    // SIP-Version SP Status-Code SP Reason-Phrase; the second SP is forgiven when no phrase follows it.
    private SipParseError IndexStatusLine(ReadOnlySpan<byte> line)
    {
        const int code = 8;
        if (line.Length < code || !SipAscii.EqualsIgnoreCase(line[..code], "SIP/2.0 "u8))
            return SipParseError.Version;
        int end = line[code..].IndexOf((byte)' ') is int next and >= 0 ? code + next : line.Length;
        if (end != code + 3 || !Digits.TryParse(line[code..end], out uint status) || status is < 100 or > 699)
            return SipParseError.StatusCode;
        StatusCode = (int)status;
        _second = Math.Min(end + 1, line.Length)..line.Length;
        return SipParseError.None;
    }

    private SipParseError ReadContentLength()
    {
        if (!TryFind(SipHeaderName.ContentLength, out SipHeaderView header))
            return SipParseError.None;
        if (!Digits.TryParse(header.Value, out uint length))
            return SipParseError.ContentLength;
        ContentLength = length;
        return SipParseError.None;
    }

    /// <summary>Where a field lies. Eight octets: a header section is shorter than 64 KiB.</summary>
    private struct Field
    {
        public ushort Start;
        public ushort End;
        public ushort ValueStart;
        public byte NameLength;
        public SipHeaderName Name;
    }

    [InlineArray(SipLimits.HeaderFields)]
    private struct Fields
    {
        private Field _first;
    }
}
