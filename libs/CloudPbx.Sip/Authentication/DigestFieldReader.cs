using System.Buffers;
using System.Text;

namespace CloudPbx.Sip.Authentication;

/// <summary>Splits a WWW-Authenticate or Authorization value into schemes with parameters (RFC 7616 §3.3, RFC 3261 §20.44), forgiving what phones and carriers do.</summary>
/// <remarks>Forgiven: quotes where none belong and none where some do (I33), folded lines (I37), empty list elements, several challenges in one field.</remarks>
internal ref struct DigestFieldReader(ReadOnlySpan<char> value)
{
    private static readonly SearchValues<char> s_token = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~");

    private ReadOnlySpan<char> _rest = value;

    /// <summary>Whether a value is a token (RFC 3261 §25.1).</summary>
    internal static bool IsToken(ReadOnlySpan<char> value) => !value.IsEmpty && !value.ContainsAnyExcept(s_token);

    /// <summary>Reads the next scheme's name and parameters.</summary>
    /// <param name="scheme">For example <c>Digest</c>.</param>
    /// <param name="parameters">Names (case-insensitive) and unquoted values; of a repeated name the first counts.</param>
    /// <returns>Whether there was another scheme; <see langword="false"/> also where the text cannot be read on.</returns>
    internal bool TryRead(out string scheme, out Dictionary<string, string> parameters)
    {
        parameters = new(StringComparer.OrdinalIgnoreCase);
        scheme = "";
        SkipSeparators();
        ReadOnlySpan<char> name = ReadToken();
        if (name.IsEmpty)
            return false;
        scheme = name.ToString();
        while (true)
        {
            SkipSeparators();
            ReadOnlySpan<char> before = _rest;
            ReadOnlySpan<char> key = ReadToken();
            if (key.IsEmpty)
                return _rest.IsEmpty;
            SkipSpace();
            if (_rest.IsEmpty || _rest[0] != '=')
            {
                _rest = before;                          // a token without "=": the next challenge of the same field
                return true;
            }
            _rest = _rest[1..];
            SkipSpace();
            if (!TryReadValue(out string text))
                return false;
            parameters.TryAdd(key.ToString(), text);
        }
    }

    private bool TryReadValue(out string text)
    {
        if (_rest.IsEmpty || _rest[0] != '"')
        {
            int end = _rest.IndexOfAny(',', '\r', '\n');
            ReadOnlySpan<char> raw = end < 0 ? _rest : _rest[..end];
            _rest = _rest[raw.Length..];
            text = raw.Trim().ToString();
            return true;
        }
        int quote = _rest[1..].IndexOfAny('"', '\\');
        if (quote >= 0 && _rest[1 + quote] == '"')       // as good as always: nothing is escaped
        {
            text = _rest.Slice(1, quote).ToString();
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
        int end = _rest.IndexOfAnyExcept(s_token);
        int length = end < 0 ? _rest.Length : end;
        ReadOnlySpan<char> token = _rest[..length];
        _rest = _rest[length..];
        return token;
    }

    private void SkipSpace() => _rest = _rest.TrimStart(" \t\r\n");

    private void SkipSeparators() => _rest = _rest.TrimStart(" \t\r\n,");
}
