using System.Buffers;
using System.Collections;
using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// The header fields of a message, in order. A <em>field</em> is one header line (folded lines included); a <em>value</em> is one of the
/// comma-separated parts of a field whose grammar is a list (Via, Route, Contact …). Received fields keep their octets and are written
/// back as they came.
/// </summary>
/// <remarks>Not thread-safe. Names are found without regard to case; compact and long form are the same field.</remarks>
public sealed class SipHeaders : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<SipHeaderField> _fields;
    private readonly SipMessage _message;

    internal SipHeaders(SipMessage message)
    {
        _message = message;
        _fields = new List<SipHeaderField>(16);
    }

    /// <summary>Number of fields.</summary>
    public int Count => _fields.Count;

    /// <summary>The first field of this name, unfolded and trimmed, or <see langword="null"/>.</summary>
    public string? Get(SipHeaderName name) => Find(name)?.Value;

    /// <inheritdoc cref="Get(SipHeaderName)"/>
    public string? Get(string name) => _fields.Find(Named(name))?.Value;

    /// <summary>All fields of this name, in order, unfolded and trimmed, not split.</summary>
    public IEnumerable<string> GetAll(SipHeaderName name)
    {
        int first = IndexOf(Known(name));
        return first < 0 ? [] : ValuesFrom(_fields, first, name);
    }

    /// <inheritdoc cref="GetAll(SipHeaderName)"/>
    public IEnumerable<string> GetAll(string name) => _fields.FindAll(Named(name)).Select(field => field.Value);

    /// <summary>All values of a list field, in order: split at commas outside quotes and angle brackets.</summary>
    public IReadOnlyList<string> GetValues(SipHeaderName name)
    {
        int first = IndexOf(Known(name));
        if (first < 0)
            return [];
        List<string> values = [];
        for (int i = first; i < _fields.Count; i++)
        {
            if (_fields[i].Name != name)
                continue;
            SipValueReader reader = new(_fields[i].Octets);
            while (reader.TryRead(out ReadOnlySpan<byte> value))
                if (!value.IsEmpty)
                    values.Add(SipText.Unfold(value));
        }
        return values;
    }

    /// <summary>Whether a field of this name is there.</summary>
    public bool Has(SipHeaderName name) => Find(name) is not null;

    /// <inheritdoc cref="Has(SipHeaderName)"/>
    public bool Has(string name) => _fields.Exists(Named(name));

    /// <summary>Appends a field.</summary>
    /// <exception cref="ArgumentException">A value with CR or LF, or a name that is no token: a bug of ours.</exception>
    public void Add(SipHeaderName name, string value) => Insert(_fields.Count, new SipHeaderField(Known(name), value));

    /// <inheritdoc cref="Add(SipHeaderName, string)"/>
    public void Add(string name, string value) => Insert(_fields.Count, new SipHeaderField(name, value));

    /// <summary>Puts a field before the first one of its name, or before all others: a Via or Route on top.</summary>
    /// <inheritdoc cref="Add(SipHeaderName, string)" path="/exception"/>
    public void AddFirst(SipHeaderName name, string value) => Insert(Math.Max(0, IndexOf(Known(name))), new SipHeaderField(name, value));

    /// <summary>Replaces all fields of this name by one, at the place of the first, or appends it.</summary>
    /// <inheritdoc cref="Add(SipHeaderName, string)" path="/exception"/>
    public void Set(SipHeaderName name, string value)
    {
        SipHeaderField field = new(Known(name), value);
        int index = IndexOf(name);
        if (index < 0)
        {
            Insert(_fields.Count, field);
            return;
        }
        RemoveFrom(index + 1, name);
        _fields[index] = field;
        _message.Forget(name);
    }

    /// <inheritdoc cref="Set(SipHeaderName, string)"/>
    public void Set(string name, string value) => Replace(Named(name), new SipHeaderField(name, value));

    /// <summary>Removes all fields of this name.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(SipHeaderName name)
    {
        int index = IndexOf(Known(name));
        if (index < 0)
            return false;
        RemoveFrom(index, name);
        _message.Forget(name);
        return true;
    }

    /// <inheritdoc cref="Remove(SipHeaderName)"/>
    public bool Remove(string name) => Remove(Named(name));

    /// <summary>Removes the first value of a list field: pops a Via or Route. The other values of its line stay, octet for octet.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveFirst(SipHeaderName name)
    {
        int index = IndexOf(Known(name));
        if (index < 0)
            return false;
        if (_fields[index].WithoutFirstValue() is { } rest)
            _fields[index] = rest;
        else
            _fields.RemoveAt(index);
        _message.Forget(name);
        return true;
    }

    /// <summary>Replaces the first value of a list field, e.g. the top Via by one with received and rport. The other values of its line stay.</summary>
    /// <returns>Whether there was one.</returns>
    /// <inheritdoc cref="Add(SipHeaderName, string)" path="/exception"/>
    public bool ReplaceFirst(SipHeaderName name, string value)
    {
        SipHeaderField replacement = new(Known(name), value);
        int index = IndexOf(name);
        if (index < 0)
            return false;
        SipHeaderField? rest = _fields[index].WithoutFirstValue();
        _fields[index] = replacement;
        if (rest is not null)
            _fields.Insert(index + 1, rest);
        _message.Forget(name);
        return true;
    }

    /// <summary>Appends every field of this name of another message, octet for octet.</summary>
    public void CopyFrom(SipHeaders other, SipHeaderName name)
    {
        for (int i = other.IndexOf(Known(name)); i >= 0 && i < other._fields.Count; i++)
            if (other._fields[i].Name == name)
                Insert(_fields.Count, other._fields[i]);
    }

    /// <summary>Appends the first field of this name of another message, octet for octet: a response has once what a request may have had twice.</summary>
    internal void CopyFirst(SipHeaders other, SipHeaderName name)
    {
        if (other.Find(name) is { } field)
            Insert(_fields.Count, field);
    }

    /// <summary>Names as they are written and values, in order.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() =>
        _fields.Select(field => KeyValuePair.Create(field.NameText, field.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Octets of all fields as they are written.</summary>
    internal int Length
    {
        get
        {
            int length = 0;
            foreach (SipHeaderField line in _fields)
                length += line.Length + 2;
            return length;
        }
    }

    internal SipHeaderField? Find(SipHeaderName name) => IndexOf(Known(name)) is int index and >= 0 ? _fields[index] : null;

    /// <summary>Finds the next field of a name, without an enumerator: of what parses every message.</summary>
    /// <param name="name">The name.</param>
    /// <param name="place">Where to begin, 0 at first; behind the field on return.</param>
    internal SipHeaderField? FindNext(SipHeaderName name, ref int place)
    {
        while (place < _fields.Count)
            if (_fields[place++] is var field && field.Name == name)
                return field;
        return null;
    }

    /// <summary>Puts another line in the place of one.</summary>
    internal void Replace(SipHeaderField field, SipHeaderField replacement)
    {
        _fields[_fields.IndexOf(field)] = replacement;
        _message.Forget(field.Name);
    }

    /// <summary>Takes over the fields of a received message.</summary>
    internal void Load(in SipMessageView view, ReadOnlyMemory<byte> octets)
    {
        _fields.EnsureCapacity(view.HeaderCount);
        for (int i = 0; i < view.HeaderCount; i++)
        {
            SipHeaderView header = view.GetHeader(i);
            _fields.Add(new SipHeaderField(header.Name, octets[header.Line], header.NameText.Length));
        }
    }

    /// <summary>Writes every field, and Content-Length with this number at its place or last.</summary>
    internal void WriteTo(IBufferWriter<byte> writer, int contentLength)
    {
        bool written = false;
        foreach (SipHeaderField field in _fields)
        {
            if (field.Name != SipHeaderName.ContentLength)
                field.WriteTo(writer);
            else if (!written)
                field.WriteContentLengthTo(writer, contentLength);
            written |= field.Name == SipHeaderName.ContentLength;
        }
        if (!written)
            SipHeaderField.ContentLength(contentLength).WriteTo(writer);
    }

    private static IEnumerable<string> ValuesFrom(List<SipHeaderField> fields, int index, SipHeaderName name)
    {
        for (; index < fields.Count; index++)
            if (fields[index].Name == name)
                yield return fields[index].Value;
    }

    private static SipHeaderName Known(SipHeaderName name) =>
        name != SipHeaderName.Other ? name : throw new ArgumentOutOfRangeException(nameof(name), "A field that is not known is asked for by its text.");

    private static Predicate<SipHeaderField> Named(string name)
    {
        SipHeaderName known = SipHeaderNames.Identify(name);
        return known != SipHeaderName.Other
            ? field => field.Name == known
            : field => field.Name == SipHeaderName.Other && string.Equals(field.NameText, name, StringComparison.OrdinalIgnoreCase);
    }

    private int IndexOf(SipHeaderName name)
    {
        for (int i = 0; i < _fields.Count; i++)
            if (_fields[i].Name == name)
                return i;
        return -1;
    }

    private void RemoveFrom(int index, SipHeaderName name)
    {
        for (int i = _fields.Count - 1; i >= index; i--)
            if (_fields[i].Name == name)
                _fields.RemoveAt(i);
    }

    private void Insert(int index, SipHeaderField field)
    {
        _fields.Insert(index, field);
        _message.Forget(field.Name);
    }

    private void Replace(Predicate<SipHeaderField> match, SipHeaderField replacement)
    {
        int index = _fields.FindIndex(match);
        _fields.RemoveAll(match);
        Insert(index < 0 ? _fields.Count : index, replacement);
    }

    private bool Remove(Predicate<SipHeaderField> match)
    {
        if (_fields.Find(match) is not { } found)
            return false;
        _fields.RemoveAll(match);
        _message.Forget(found.Name);
        return true;
    }
}
