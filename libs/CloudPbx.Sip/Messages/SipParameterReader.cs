namespace CloudPbx.Sip.Messages;

/// <summary>Walks over parameters <c>;name=value;name</c> of a header field or URI, in place.</summary>
public ref struct SipParameterReader
{
    /// <summary>Reads what begins with the first semicolon, or is empty.</summary>
    internal SipParameterReader(ReadOnlySpan<byte> parameters) => throw new NotImplementedException();

    /// <summary>The next parameter.</summary>
    /// <param name="name">The name, without white space around it.</param>
    /// <param name="value">The value with its quotes or escapes; empty for a parameter without one.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryRead(out ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();
}
