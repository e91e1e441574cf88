using System.Buffers;
using System.Globalization;
using System.Text;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>One header line: received (its octets) or made by us (name and value). Immutable, so messages share it.</summary>
internal sealed class SipHeaderField
{
    private readonly ReadOnlyMemory<byte> _line;        // the whole line without its CRLF
    private readonly int _nameLength;
    private string? _nameText;
    private string? _value;

    /// <summary>A line that was received and has been indexed.</summary>
    public SipHeaderField(SipHeaderName name, ReadOnlyMemory<byte> line, int nameLength)
    {
        Name = name;
        _line = line;
        _nameLength = nameLength;
    }

    /// <summary>A line of a known field.</summary>
    /// <exception cref="ArgumentException">A value with CR or LF: a bug of ours.</exception>
    public SipHeaderField(SipHeaderName name, string value)
        : this(name, name.ToText(), value)
    {
    }

    /// <summary>A line of any field.</summary>
    /// <exception cref="ArgumentException">A value with CR or LF, or a name that is no token: a bug of ours.</exception>
    public SipHeaderField(string name, string value)
        : this(SipHeaderNames.Identify(name), name, value)
    {
        if (name.Length > SipLimits.FieldName || !SipAscii.IsToken(name))
            throw new ArgumentException("A header field's name must be a token.", nameof(name));
    }

    private SipHeaderField(SipHeaderName name, string nameText, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!SipText.IsWritable(value))
            throw new ArgumentException("A header field cannot hold CR or LF.", nameof(value));
        Name = name;
        _nameText = nameText;
        _value = value.Trim(' ', '\t');
        _nameLength = nameText.Length;
        byte[] line = new byte[nameText.Length + 2 + Encoding.UTF8.GetByteCount(_value)];
        Encoding.ASCII.GetBytes(nameText, line);
        ": "u8.CopyTo(line.AsSpan(nameText.Length));
        Encoding.UTF8.GetBytes(_value, line.AsSpan(nameText.Length + 2));
        _line = line;
    }

    public SipHeaderName Name { get; }

    /// <summary>Octets of the line without its CRLF.</summary>
    public int Length => _line.Length;

    /// <summary>The name as it is written.</summary>
    public string NameText => _nameText ??= Encoding.ASCII.GetString(_line.Span[.._nameLength]);

    /// <summary>The value, unfolded and trimmed.</summary>
    public string Value => _value ??= SipText.Unfold(Octets);

    /// <summary>The value's octets, trimmed but not unfolded.</summary>
    public ReadOnlySpan<byte> Octets
    {
        get
        {
            ReadOnlySpan<byte> afterName = _line.Span[_nameLength..];
            return afterName[(afterName.IndexOf((byte)':') + 1)..].Trim(SipAscii.Lws);
        }
    }

    public static SipHeaderField ContentLength(int length) => new(SipHeaderName.ContentLength, length.ToString(CultureInfo.InvariantCulture));

    /// <summary>The same field without its first value, or <see langword="null"/> if that was the only one.</summary>
    public SipHeaderField? WithoutFirstValue()
    {
        SipValueReader values = new(Octets);
        values.TryRead(out _);
        ReadOnlySpan<byte> rest = values.Rest.Trim(SipAscii.Lws);
        if (rest.IsEmpty)
            return null;
        byte[] line = [.. _line.Span[.._nameLength], .. ": "u8, .. rest];
        return new SipHeaderField(Name, line, _nameLength);
    }

    /// <summary>The same field with text behind its value.</summary>
    /// <exception cref="ArgumentException">Text with CR or LF: a bug of ours.</exception>
    public SipHeaderField WithSuffix(string text)
    {
        if (!SipText.IsWritable(text))
            throw new ArgumentException("A header field cannot hold CR or LF.", nameof(text));
        byte[] line = [.. _line.Span.TrimEnd(SipAscii.Lws), .. Encoding.UTF8.GetBytes(text)];
        return new SipHeaderField(Name, line, _nameLength);
    }

    public void WriteTo(IBufferWriter<byte> writer)
    {
        writer.Write(_line.Span);
        writer.Write("\r\n"u8);
    }

    public void WriteContentLengthTo(IBufferWriter<byte> writer, int length) =>
        (Digits.TryParse(Octets, out uint written) && written == length ? this : ContentLength(length)).WriteTo(writer);
}
