using System.Globalization;
using CloudPbx.MediaControl;
using CloudPbx.Sip.Messages;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>Why a call or leg ended: the value of Reason (RFC 3326), and what a record keeps of it.</summary>
/// <param name="Header">The Reason value that the other side gets, or null for none.</param>
/// <param name="Text">For people.</param>
/// <param name="Q850">The Q.850 cause, if one is known.</param>
internal sealed record ReleaseCause(string? Header, string? Text, int? Q850)
{
    private const int MaximumLength = 200;

    /// <summary>The warning that a response gives beside it (RFC 3261 §20.43); null for none.</summary>
    public int? Warning { get; init; }

    /// <summary>Whether it is our want and passes: a response tells when to come again.</summary>
    public bool Passes { get; init; }

    /// <summary>What a party's session description cannot have.</summary>
    /// <param name="refused">The media node's refusal.</param>
    public static ReleaseCause NotAcceptable(LegDescription refused) => Sip(refused.Unavailable ? 503 : 488, refused.Fault ?? "") with
    {
        Passes = refused.Unavailable,
        Warning = refused.Unavailable ? null : refused.Fault switch
        {
            LegFaults.NoCommonCodec => 305,                       // incompatible media format
            LegFaults.NoAudio => 304,                             // media type not available
            LegFaults.EncryptionMismatch => 302,                  // incompatible transport protocol: RTP/AVP, RTP/SAVP
            _ => null,
        },
    };

    /// <summary>The header fields that a response tells it by.</summary>
    /// <param name="host">Whose warning it is.</param>
    /// <param name="request">What is answered.</param>
    public IReadOnlyList<HeaderField> ToHeaders(string host, SipRequest request) =>
    [
        .. Passes ? [new HeaderField("Retry-After", RetryAfter.For(request))] : (HeaderField[])[],
        .. Header is { } reason ? [new HeaderField("Reason", reason)] : (HeaderField[])[],
        .. Warning is { } code ? [new HeaderField("Warning", string.Create(CultureInfo.InvariantCulture, $"{code} {host} \"{Text}\""))] : (HeaderField[])[],
    ];

    /// <summary>To the phones that lost the race (RFC 3261 §9.1, RFC 3326 §2).</summary>
    public static readonly ReleaseCause CompletedElsewhere = Sip(200, "Call completed elsewhere");

    /// <summary>To the phones when the caller gave up.</summary>
    public static readonly ReleaseCause CallerGaveUp = Sip(487, "Caller gave up");

    /// <summary>To the phones when the time is over that the caller's INVITE gave (RFC 3261 §13.3.1).</summary>
    public static readonly ReleaseCause InviteExpired = Sip(487, "Caller's time is over");

    /// <summary>Nobody answered in time (Q.850 cause 19).</summary>
    public static readonly ReleaseCause NoAnswer = Q(19, "No answer");

    /// <summary>A party ended the call (Q.850 cause 16).</summary>
    public static readonly ReleaseCause Normal = Q(16, "Normal call clearing");

    /// <summary>Neither RTP nor RTCP came from a party any more.</summary>
    public static readonly ReleaseCause Silence = Q(41, "No media received");

    /// <summary>The media node is gone.</summary>
    public static readonly ReleaseCause MediaLost = Q(41, "Media node lost");

    /// <summary>The caller acknowledged no provisional response (Q.850 cause 102, RFC 3262 §3).</summary>
    public static readonly ReleaseCause NoPrack = Q(102, "No PRACK");

    /// <summary>A party's session timer ran out without a refresh (Q.850 cause 102, RFC 4028 §10).</summary>
    public static readonly ReleaseCause Expired = Q(102, "Session timer expired");

    /// <summary>A party put the one that it had consulted in touch with another (Q.850 cause 16).</summary>
    public static readonly ReleaseCause Transferred = Q(16, "Transferred");

    /// <summary>An operator or administrator ended the call.</summary>
    public static readonly ReleaseCause Operator = Q(31, "Ended by operator");

    /// <summary>The tenant may call nobody any more.</summary>
    public static readonly ReleaseCause Suspended = Q(31, "Suspended");

    /// <summary>The worker that set the call up died before it was answered.</summary>
    public static readonly ReleaseCause OwnerLost = Sip(500, "Call control restarted");

    /// <summary>A bug of ours ended the call.</summary>
    public static readonly ReleaseCause Fault = Sip(500, "Server fault");

    /// <summary>A reason with a Q.850 cause.</summary>
    public static ReleaseCause Q(int cause, string text) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Q.850;cause={cause}{TextParameter(text)}"), text, cause);

    /// <summary>A reason with a SIP status.</summary>
    public static ReleaseCause Sip(int status, string text) =>
        new(string.Create(CultureInfo.InvariantCulture, $"SIP;cause={status}{TextParameter(text)}"), text, null);

    /// <summary>To the phones when another one has refused for all of them (RFC 3261 §16.7 step 5, RFC 3326 §2).</summary>
    public static ReleaseCause RefusedElsewhere(int status) => Sip(status, SipReasonPhrases.Of(status));

    /// <summary>What a peer gave: passed on and kept, in the parts that we understand only. A Q.850 cause comes before a SIP status, which says less.</summary>
    /// <param name="message">A BYE, CANCEL or final response.</param>
    /// <returns>Null where it gave no usable reason.</returns>
    public static ReleaseCause? Of(SipMessage? message)
    {
        ReleaseCause? q850 = null, sip = null;
        foreach (string value in message?.Headers.GetValues(SipHeaderName.Reason) ?? [])
        {
            ReleaseCause? cause = OfValue(value);
            q850 ??= cause is { Q850: not null } ? cause : null;
            sip ??= cause is { Q850: null } ? cause : null;
        }
        return q850 is not null && sip is not null
            ? q850 with { Header = $"{q850.Header}, {sip.Header}", Text = q850.Text is { Length: > 0 } text ? text : sip.Text }      // RFC 3326 §2: one of each protocol
            : q850 ?? sip;
    }

    private static ReleaseCause? OfValue(string value)
    {
        if (value.Length > MaximumLength)
            return null;
        string[] parts = [.. PartsOf(value)];
        int? cause = null;
        string? text = null;
        foreach (string parameter in parts[1..])
        {
            int equals = Math.Max(0, parameter.IndexOf('=', StringComparison.Ordinal));
            string name = parameter[..equals].TrimEnd();
            string said = parameter[equals..].TrimStart('=').Trim();
            if (name.Equals("cause", StringComparison.OrdinalIgnoreCase) && int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                cause = number;
            else if (name.Equals("text", StringComparison.OrdinalIgnoreCase))
                text = Clean(said);
        }
        if (cause is not { } known)
            return null;
        return parts[0].ToUpperInvariant() switch
        {
            "Q.850" when known is > 0 and < 128 => Q(known, text ?? ""),
            "SIP" when known is >= 100 and < 700 => Sip(known, text ?? ""),
            _ => null,
        };
    }

    // At semicolons outside quoted strings; one that is never closed goes on to the end.
    private static IEnumerable<string> PartsOf(string value)
    {
        bool isQuoted = false;
        int start = 0;
        for (int at = 0; at < value.Length; at++)
        {
            if (value[at] == '\\' && isQuoted)
                at++;
            else if (value[at] == '"')
                isQuoted = !isQuoted;
            else if (value[at] == ';' && !isQuoted)
            {
                yield return value[start..at].Trim();
                start = at + 1;
            }
        }
        yield return value[start..].Trim();
    }

    private static string TextParameter(string text) => text.Length == 0 ? "" : $";text=\"{text}\"";

    // Written into our own quoted string and into records: no quotes, backslashes or control characters of a stranger.
    private static string Clean(string text) => string.Concat(text.Where(c => c is not ('"' or '\\') && !char.IsControl(c)));
}
