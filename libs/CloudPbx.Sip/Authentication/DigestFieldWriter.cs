using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Authentication;

/// <summary>Writes one digest challenge or credentials value.</summary>
internal struct DigestFieldWriter
{
    private readonly StringBuilder _text;
    private bool _first;

    public DigestFieldWriter()
    {
        _text = new StringBuilder("Digest ");
        _first = true;
    }

    internal void Token(string name, string? value)
    {
        if (value is null)
            return;
        if (SipAscii.IsToken(value))
            Name(name).Append(value);
        else
            Quoted(name, value);                         // what a stranger wrote where a token belongs must not end the field
    }

    internal void Quoted(string name, string? value)
    {
        if (value is null)
            return;
        Name(name).Append('"');
        foreach (char c in value)
        {
            if (c is '\r' or '\n')
                continue;                                // nothing that we were given may end the header line
            if (c is '"' or '\\')
                _text.Append('\\');
            _text.Append(c);
        }
        _text.Append('"');
    }

    public override readonly string ToString() => _text.ToString();

    private StringBuilder Name(string name)
    {
        if (!_first)
            _text.Append(", ");
        _first = false;
        return _text.Append(name).Append('=');
    }
}
