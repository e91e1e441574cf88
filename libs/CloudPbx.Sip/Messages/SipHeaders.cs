using System.Collections;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// The header fields of a message, in order. A <em>field</em> is one header line (folded lines included); a <em>value</em> is one of the
/// comma-separated parts of a field whose grammar is a list (Via, Route, Contact …). Received fields keep their octets and are written
/// back as they came.
/// </summary>
/// <remarks>Not thread-safe. Names are found without regard to case; compact and long form are the same field.</remarks>
public sealed class SipHeaders : IEnumerable<KeyValuePair<string, string>>
{
    internal SipHeaders()
    {
    }

    /// <summary>Number of fields.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>The first field of this name, unfolded and trimmed, or <see langword="null"/>.</summary>
    public string? Get(SipHeaderName name) => throw new NotImplementedException();

    /// <inheritdoc cref="Get(SipHeaderName)"/>
    public string? Get(string name) => throw new NotImplementedException();

    /// <summary>All fields of this name, in order, unfolded and trimmed, not split.</summary>
    public IEnumerable<string> GetAll(SipHeaderName name) => throw new NotImplementedException();

    /// <inheritdoc cref="GetAll(SipHeaderName)"/>
    public IEnumerable<string> GetAll(string name) => throw new NotImplementedException();

    /// <summary>All values of a list field, in order: split at commas outside quotes and angle brackets.</summary>
    public IEnumerable<string> GetValues(SipHeaderName name) => throw new NotImplementedException();

    /// <summary>Whether a field of this name is there.</summary>
    public bool Has(SipHeaderName name) => throw new NotImplementedException();

    /// <inheritdoc cref="Has(SipHeaderName)"/>
    public bool Has(string name) => throw new NotImplementedException();

    /// <summary>Appends a field.</summary>
    /// <exception cref="ArgumentException">A value with CR, LF or NUL, or a name that is no token: a bug of ours.</exception>
    public void Add(SipHeaderName name, string value) => throw new NotImplementedException();

    /// <inheritdoc cref="Add(SipHeaderName, string)"/>
    public void Add(string name, string value) => throw new NotImplementedException();

    /// <summary>Puts a field before the first one of its name, or before all others: a Via or Route on top.</summary>
    /// <inheritdoc cref="Add(SipHeaderName, string)" path="/exception"/>
    public void AddFirst(SipHeaderName name, string value) => throw new NotImplementedException();

    /// <summary>Replaces all fields of this name by one, at the place of the first, or appends it.</summary>
    /// <inheritdoc cref="Add(SipHeaderName, string)" path="/exception"/>
    public void Set(SipHeaderName name, string value) => throw new NotImplementedException();

    /// <inheritdoc cref="Set(SipHeaderName, string)"/>
    public void Set(string name, string value) => throw new NotImplementedException();

    /// <summary>Removes all fields of this name.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(SipHeaderName name) => throw new NotImplementedException();

    /// <inheritdoc cref="Remove(SipHeaderName)"/>
    public bool Remove(string name) => throw new NotImplementedException();

    /// <summary>Removes the first value of a list field: pops a Via or Route. The other values of its line stay.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveFirst(SipHeaderName name) => throw new NotImplementedException();

    /// <summary>Replaces the first value of a list field, e.g. the top Via by one with received and rport. The other values of its line stay.</summary>
    /// <returns>Whether there was one.</returns>
    public bool ReplaceFirst(SipHeaderName name, string value) => throw new NotImplementedException();

    /// <summary>Appends every field of this name of another message, octet for octet.</summary>
    public void CopyFrom(SipHeaders other, SipHeaderName name) => throw new NotImplementedException();

    /// <summary>Names as they are written and values, in order.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => throw new NotImplementedException();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
