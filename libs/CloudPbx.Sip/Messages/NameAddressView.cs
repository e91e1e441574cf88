namespace CloudPbx.Sip.Messages;

/// <summary>A name-addr or addr-spec with its parameters, seen in place. Allocates nothing.</summary>
public readonly ref struct NameAddressView
{
    /// <summary>The display name as it is written, with its quotes; empty if there is none.</summary>
    public ReadOnlySpan<byte> DisplayName => throw new NotImplementedException();

    /// <summary>The URI.</summary>
    public SipUriView Uri => throw new NotImplementedException();

    /// <summary>The field's own parameters.</summary>
    public SipParameterReader Parameters => throw new NotImplementedException();

    /// <summary>The tag; empty if there is none.</summary>
    public ReadOnlySpan<byte> Tag => throw new NotImplementedException();

    /// <summary>The value of a parameter as it is written; names are compared without regard to case.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>Parses one value; a field with several is split by <see cref="SipValueReader"/> before.</summary>
    /// <returns>Why it was refused, or <see cref="SipParseError.None"/>. Never throws.</returns>
    public static SipParseError Parse(ReadOnlySpan<byte> value, out NameAddressView address) => throw new NotImplementedException();
}
