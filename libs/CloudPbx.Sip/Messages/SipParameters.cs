using System.Collections;

namespace CloudPbx.Sip.Messages;

/// <summary>
/// The parameters of a header field or URI: a small ordered list, immutable. Names are found without regard to case;
/// values are read without their quotes (header fields) or %-escapes (URIs) and written as they came.
/// </summary>
public sealed class SipParameters : IReadOnlyList<SipParameter>
{
    /// <summary>No parameters of a header field.</summary>
    public static SipParameters Empty { get; } = new();

    /// <summary>No parameters of a URI.</summary>
    public static SipParameters EmptyUri { get; } = new();

    /// <inheritdoc/>
    public int Count => throw new NotImplementedException();

    /// <inheritdoc/>
    public SipParameter this[int index] => throw new NotImplementedException();

    /// <summary>The value of the first parameter of this name, unquoted or unescaped; <see langword="null"/> if it is absent or has none.</summary>
    public string? this[string name] => throw new NotImplementedException();

    /// <summary>Whether a parameter of this name is there, with or without a value.</summary>
    public bool Has(string name) => throw new NotImplementedException();

    /// <summary>A list in which this parameter has this value, at its old place or last. The value is quoted or escaped where it must be.</summary>
    /// <exception cref="ArgumentException">A name that is no token, or a value that cannot be written: a bug of ours.</exception>
    public SipParameters With(string name, string? value = null) => throw new NotImplementedException();

    /// <summary>A list without any parameter of this name.</summary>
    public SipParameters Without(string name) => throw new NotImplementedException();

    /// <inheritdoc/>
    public IEnumerator<SipParameter> GetEnumerator() => throw new NotImplementedException();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
