using System.Buffers;
using System.Collections;
using System.Text;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// The parameters of a header field or URI: a small ordered list, immutable. Names are found without regard to case;
/// values are read without their quotes (header fields) or %-escapes (URIs) and written as they came.
/// </summary>
public sealed class SipParameters : IReadOnlyList<SipParameter>
{
    private static readonly SearchValues<char> s_unquoted = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~[]:");

    private readonly SipParameter[] _items;
    private readonly bool _uri;

    private SipParameters(SipParameter[] items, bool uri)
    {
        _items = items;
        _uri = uri;
    }

    /// <summary>No parameters of a header field.</summary>
    public static SipParameters Empty { get; } = new([], uri: false);

    /// <summary>No parameters of a URI.</summary>
    public static SipParameters EmptyUri { get; } = new([], uri: true);

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public SipParameter this[int index] => _items[index];

    /// <summary>The value of the first parameter of this name, unquoted or unescaped; <see langword="null"/> if it is absent or has none.</summary>
    public string? this[string name] => IndexOf(name) is int index and >= 0 && _items[index].Value is { } value ? Plain(value) : null;

    /// <summary>Whether a parameter of this name is there, with or without a value.</summary>
    public bool Has(string name) => IndexOf(name) >= 0;

    /// <summary>A list in which this parameter has this value, at its old place or last. The value is quoted or escaped where it must be.</summary>
    /// <exception cref="ArgumentException">A name that is no token, or a value that cannot be written: a bug of ours.</exception>
    public SipParameters With(string name, string? value = null)
    {
        SipParameter item = new(WriteName(name), value is null ? null : Write(value));
        int index = IndexOf(name);
        SipParameter[] items = index < 0 ? [.. _items, item] : [.. _items];
        if (index >= 0)
            items[index] = item;
        return new SipParameters(items, _uri);
    }

    /// <summary>A list without any parameter of this name.</summary>
    public SipParameters Without(string name) => Has(name)
        ? new SipParameters(Array.FindAll(_items, item => !Matches(item, name)), _uri)
        : this;

    /// <inheritdoc/>
    public IEnumerator<SipParameter> GetEnumerator() => ((IEnumerable<SipParameter>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The parameters as they are written, with the semicolon before each.</summary>
    public override string ToString() => _items.Length == 0 ? "" : AppendTo(new StringBuilder()).ToString();

    /// <summary>What a reader yields; it must have been checked.</summary>
    internal static SipParameters From(SipParameterReader reader, bool uri)
    {
        List<SipParameter>? items = null;
        while (reader.TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value))
            (items ??= []).Add(new SipParameter(SipText.Unfold(name), value.IsEmpty ? null : SipText.Unfold(value)));
        return items is not null ? new SipParameters([.. items], uri) : uri ? EmptyUri : Empty;
    }

    /// <summary>The header fields of a URI: <c>name=value&amp;name=value</c>; a value may be empty.</summary>
    internal static SipParameters FromHeaders(ReadOnlySpan<byte> headers)
    {
        if (headers.IsEmpty)
            return EmptyUri;
        IEnumerable<string[]> pairs = SipText.Unfold(headers).Split('&').Select(header => header.Split('=', 2));
        return new SipParameters([.. pairs.Select(pair => new SipParameter(pair[0], pair.ElementAtOrDefault(1)))], uri: true);
    }

    /// <summary>The same parameters, escaped as a URI needs them.</summary>
    internal SipParameters ForUri() => _uri ? this : EmptyUri.WithAll(this);

    /// <summary>The same parameters, quoted as a header field needs them.</summary>
    internal SipParameters ForField() => _uri ? Empty.WithAll(this) : this;

    /// <summary>These parameters with all of the others set.</summary>
    internal SipParameters WithAll(SipParameters others)
    {
        SipParameters list = this;
        foreach ((string name, string? value) in others._items)
            list = list.With(name, value is null ? null : others.Plain(value));
        return list;
    }

    internal StringBuilder AppendTo(StringBuilder builder)
    {
        foreach ((string name, string? value) in _items)
        {
            builder.Append(';').Append(name);
            if (value is not null)
                builder.Append('=').Append(value);
        }
        return builder;
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < _items.Length; i++)
            if (Matches(_items[i], name))
                return i;
        return -1;
    }

    private bool Matches(SipParameter item, string name) =>
        string.Equals(_uri ? PercentEncoding.Decode(item.Name) : item.Name, name, StringComparison.OrdinalIgnoreCase);

    private string Plain(string value) => _uri ? PercentEncoding.Decode(value) : SipText.Unquote(value);

    private string WriteName(string name)
    {
        if (_uri && name.Length > 0)
            return PercentEncoding.Encode(name, SipUri.ParameterCharacters);
        return SipAscii.IsToken(name) ? name : throw new ArgumentException("A parameter's name must be a token.", nameof(name));
    }

    private string Write(string value)
    {
        if (_uri)
            return value.Length > 0
                ? PercentEncoding.Encode(value, SipUri.ParameterCharacters)
                : throw new ArgumentException("A URI parameter cannot have an empty value.", nameof(value));
        if (!SipText.IsWritable(value))
            throw new ArgumentException("A parameter cannot hold CR or LF.", nameof(value));
        return value.Length > 0 && !value.AsSpan().ContainsAnyExcept(s_unquoted)
            ? value
            : new StringBuilder(value.Length + 2).AppendQuoted(value).ToString();
    }
}
