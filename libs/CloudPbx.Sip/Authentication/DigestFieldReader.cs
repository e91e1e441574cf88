using System.Text;
using CloudPbx.Sip.Messages;

namespace CloudPbx.Sip.Authentication;

/// <summary>Splits a WWW-Authenticate or Authorization value into schemes with parameters (RFC 7616 §3.3, RFC 3261 §20.44), forgiving what phones and carriers do.</summary>
/// <remarks>Forgiven: quotes where none belong and none where some do (I33), folded lines (I37), empty list elements, several challenges in one field.</remarks>
internal ref struct DigestFieldReader(ReadOnlySpan<char> value)
{
    private ReadOnlySpan<char> _rest = value;

    /// <summary>Whether the text could not be read on.</summary>
    internal bool IsFaulty { get; private set; }

    /// <summary>Reads the next scheme's name and parameters.</summary>
    /// <param name="scheme">For example <c>Digest</c>.</param>
    /// <param name="parameters">Names (case-insensitive) and unquoted values; of a repeated name the first counts.</param>
    /// <returns>Whether there was another scheme; <see langword="false"/> also where the text cannot be read on.</returns>
    internal bool TryRead(out string scheme, out Dictionary<string, string> parameters)
    {
        parameters = new(StringComparer.OrdinalIgnoreCase);
        bool found = TryReadScheme(out ReadOnlySpan<char> name);
        scheme = name.ToString();
        while (found && TryReadParameter(out ReadOnlySpan<char> key, out ReadOnlySpan<char> value))
            parameters.TryAdd(key.ToString(), value.ToString());
        return found && !IsFaulty;
    }

    /// <summary>Reads the next scheme's name.</summary>
    /// <param name="scheme">For example <c>Digest</c>.</param>
    /// <returns>Whether there was another scheme.</returns>
    internal bool TryReadScheme(out ReadOnlySpan<char> scheme)
    {
        SkipSeparators();
        scheme = ReadToken();
        return !scheme.IsEmpty;
    }

    /// <summary>Reads the scheme's next parameter.</summary>
    /// <param name="name">Its name, as it is written.</param>
    /// <param name="value">Its value, unquoted.</param>
    /// <returns>Whether there was another one; <see langword="false"/> also where the text cannot be read on (<see cref="IsFaulty"/>).</returns>
    internal bool TryReadParameter(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        value = default;
        SkipSeparators();
        ReadOnlySpan<char> before = _rest;
        name = ReadToken();
        if (name.IsEmpty)
        {
            IsFaulty = !_rest.IsEmpty;
            return false;
        }
        SkipSpace();
        if (_rest.IsEmpty || _rest[0] != '=')
        {
            _rest = before;                              // a token without "=": the next challenge of the same field
            return false;
        }
        _rest = _rest[1..];
        SkipSpace();
        IsFaulty = !TryReadValue(out value);
        return !IsFaulty;
    }

    private bool TryReadValue(out ReadOnlySpan<char> text)
    {
        if (_rest.IsEmpty || _rest[0] != '"')
        {
            int end = _rest.IndexOfAny(',', '\r', '\n');
            ReadOnlySpan<char> raw = end < 0 ? _rest : _rest[..end];
            _rest = _rest[raw.Length..];
            text = raw.Trim();
            return true;
        }
        int quote = _rest[1..].IndexOfAny('"', '\\');
        if (quote >= 0 && _rest[1 + quote] == '"')       // as good as always: nothing is escaped
        {
            text = _rest.Slice(1, quote);
            _rest = _rest[(quote + 2)..];
            return true;
        }
        StringBuilder unquoted = new();
        for (int i = 1; i < _rest.Length; i++)
        {
            char c = _rest[i];
            if (c == '"')
            {
                _rest = _rest[(i + 1)..];
                text = unquoted.ToString();
                return true;
            }
            if (c == '\\' && i + 1 < _rest.Length)
                c = _rest[++i];
            unquoted.Append(c);
        }
        text = "";
        return false;                                    // no closing quote
    }

    private ReadOnlySpan<char> ReadToken()
    {
        ReadOnlySpan<char> token = _rest[..SipAscii.TokenLength(_rest)];
        _rest = _rest[token.Length..];
        return token;
    }

    private void SkipSpace() => _rest = _rest.TrimStart(" \t\r\n");

    private void SkipSeparators() => _rest = _rest.TrimStart(" \t\r\n,");
}
