using System.Globalization;
using CloudPbx.Net.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>The Session-Expires header field (RFC 4028 §4).</summary>
/// <param name="Seconds">The session interval.</param>
/// <param name="Refresher">Who refreshes; <see langword="null"/> where it is not said, which leaves it to the callee.</param>
public readonly record struct SessionExpires(uint Seconds, SessionRefresher? Refresher)
{
    /// <summary>Parses a value: <c>delta-seconds *(SEMI se-params)</c> (RFC 4028 §4).</summary>
    /// <param name="value">The value's octets, after the colon and before the CRLF; folded lines allowed.</param>
    /// <param name="expires">The parsed value; <see langword="default"/> unless the result is <see langword="true"/>.</param>
    /// <returns>Whether the value follows the grammar; a refresher that is neither uac nor uas is none. Never throws.</returns>
    public static bool TryParse(ReadOnlySpan<byte> value, out SessionExpires expires)
    {
        expires = default;
        int end = value.IndexOf((byte)';');
        if (!Digits.TryParse((end < 0 ? value : value[..end]).Trim(SipAscii.Lws), out uint seconds))
            return false;
        SessionRefresher? refresher = null;
        foreach (Range part in end < 0 ? default : value[(end + 1)..].Split((byte)';'))
        {
            ReadOnlySpan<byte> parameter = value[(end + 1)..][part];
            int equals = parameter.IndexOf((byte)'=');
            if (equals < 0 || !SipAscii.EqualsIgnoreCase(parameter[..equals].Trim(SipAscii.Lws), "refresher"u8))
                continue;
            ReadOnlySpan<byte> who = parameter[(equals + 1)..].Trim(SipAscii.Lws);
            refresher = SipAscii.EqualsIgnoreCase(who, "uac"u8) ? SessionRefresher.Uac : SipAscii.EqualsIgnoreCase(who, "uas"u8) ? SessionRefresher.Uas : null;
        }
        expires = new SessionExpires(seconds, refresher);
        return true;
    }

    /// <summary>The value as it is written, e.g. <c>1800;refresher=uac</c>.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Seconds}{Refresher switch { SessionRefresher.Uac => ";refresher=uac", SessionRefresher.Uas => ";refresher=uas", _ => "" }}");
}

/// <summary>Who refreshes a session, in terms of the request that carries the value or is answered with it.</summary>
public enum SessionRefresher
{
    /// <summary>Who sent the request.</summary>
    Uac,

    /// <summary>Who answers it.</summary>
    Uas,
}
