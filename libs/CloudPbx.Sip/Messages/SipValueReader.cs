namespace CloudPbx.Sip.Messages;

/// <summary>Takes the values of a list field apart: at commas outside quoted strings and angle brackets (RFC 3261 §7.3.1).</summary>
/// <param name="field">A field's value, perhaps folded.</param>
public ref struct SipValueReader(ReadOnlySpan<byte> field)
{
    private ReadOnlySpan<byte> _rest = field;
    private bool _done = false;

    /// <summary>What was not read yet: everything after the last comma that was found.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    /// <summary>The next value, without white space around it; empty where two commas meet.</summary>
    /// <returns>Whether there was one; a field has at least one value, if only an empty one.</returns>
    public bool TryRead(out ReadOnlySpan<byte> value)
    {
        if (_done)
        {
            value = default;
            return false;
        }
        int end = ValueLength(_rest);
        value = _rest[..end].Trim(SipAscii.Lws);
        _done = end == _rest.Length;
        _rest = _done ? default : _rest[(end + 1)..];
        return true;
    }

    private static int ValueLength(ReadOnlySpan<byte> octets)
    {
        int at = 0;
        while (octets[at..].IndexOfAny((byte)',', (byte)'"', (byte)'<') is int next and >= 0)
        {
            at += next;
            if (octets[at] == (byte)',')
                return at;
            int length = octets[at] == (byte)'"' ? SipAscii.QuotedLength(octets[at..]) : octets[at..].IndexOf((byte)'>') + 1;
            if (length <= 0)
                break;                                          // never closed: the rest is one value, which its parser refuses
            at += length;
        }
        return octets.Length;
    }
}
