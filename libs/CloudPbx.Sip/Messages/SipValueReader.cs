namespace CloudPbx.Sip.Messages;

/// <summary>Takes the values of a list field apart: at commas outside quoted strings and angle brackets (RFC 3261 §7.3.1).</summary>
/// <param name="field">A field's value, perhaps folded.</param>
public ref struct SipValueReader(ReadOnlySpan<byte> field)
{
    private ReadOnlySpan<byte> _rest = field;
    private bool _done = false;

    /// <summary>The next value, without white space around it; empty where two commas meet.</summary>
    /// <returns>Whether there was one; a field has at least one value, if only an empty one.</returns>
    public bool TryRead(out ReadOnlySpan<byte> value) => throw new NotImplementedException();

    /// <summary>What was not read yet, from the first octet after the last comma.</summary>
    public readonly ReadOnlySpan<byte> Rest => _done ? default : _rest;
}
