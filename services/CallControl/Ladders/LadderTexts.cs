using System.Text.RegularExpressions;
using CloudPbx.Data;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Ladders;

/// <summary>The free texts of a message that tell something; most messages have none. Cleaned and redacted when they are taken: nothing else of a peer's words is ever kept.</summary>
internal sealed partial record LadderTexts
{
    /// <summary>The longest text that is kept.</summary>
    public const int Longest = 128;

    /// <summary>The longest name, number or agent that is kept.</summary>
    public const int LongestName = 64;

    private const string Masked = "${name}=***";

    public string? Phrase { get; init; }

    public string? Target { get; init; }

    public string? Reason { get; init; }

    public string? Warning { get; init; }

    public uint? RetryAfter { get; init; }

    public string? Identity { get; init; }

    public string? Note { get; init; }

    /// <summary>How many characters it keeps.</summary>
    public int Length => (Phrase?.Length ?? 0) + (Target?.Length ?? 0) + (Reason?.Length ?? 0) + (Warning?.Length ?? 0) + (Identity?.Length ?? 0) + (Note?.Length ?? 0);

    /// <summary>What a response says in words.</summary>
    /// <returns>Null where that is no more than its status says.</returns>
    public static LadderTexts? Of(SipResponse response)
    {
        int status = response.StatusCode;
        // Compared first: making a text of it costs, and nearly all peers write the RFC's own.
        string? phrase = response.ReasonPhrase == SipReasonPhrases.Of(status) ? null : Take(response.ReasonPhrase);
        if (status is >= 200 and < 300)
            return string.IsNullOrEmpty(phrase) ? null : new LadderTexts { Phrase = phrase };
        string? reason = Take(response.Headers.Get(SipHeaderName.Reason));
        if (status < 200)
            return string.IsNullOrEmpty(phrase) && reason is null ? null : new LadderTexts { Phrase = phrase, Reason = reason };
        LadderTexts texts = new()
        {
            Phrase = phrase,
            Reason = reason,
            Warning = Take(response.Headers.Get(SipHeaderName.Warning)),
            RetryAfter = response.RetryAfter,
            Target = status < 400 && response.Contacts is [{ } first, ..] ? Take(first.Uri.User, LongestName) : null,
        };
        return texts is { Phrase: null or "", Reason: null, Warning: null, RetryAfter: null, Target: null } ? null : texts;
    }

    /// <summary>What a request says in words.</summary>
    /// <returns>Null where that is no more than its method says.</returns>
    public static LadderTexts? Of(SipRequest request)
    {
        if (request.Method == SipMethod.Bye || request.Method == SipMethod.Cancel)
            return Take(request.Headers.Get(SipHeaderName.Reason)) is { } reason ? new LadderTexts { Reason = reason } : null;
        if (request.Method == SipMethod.Refer && request.Headers.Get(SipHeaderName.ReferTo) is { } value && NameAddress.TryParse(value, out NameAddress? target))
            return Take(target.Uri.User, LongestName) is { } user ? new LadderTexts { Target = user } : null;
        return null;
    }

    /// <summary>A stranger's text, fit to be kept: no control characters and none that turn the direction of writing, no longer than that, and nothing that looks like a secret.</summary>
    public static string? Take(string? text, int longest = Longest)
    {
        if (text is null)
            return null;
        // Bounded before it is searched, generously, so that a secret is not cut where it could no longer be seen to be one.
        string bounded = text.Length > 8 * Longest ? text[..(8 * Longest)] : text;
        string safe = bounded.AsSpan().ContainsAny('=', ':', ' ') ? Secret().Replace(bounded, Masked) : bounded;
        return StoredText.Clean(safe, longest);
    }

    // Parameters of digest (RFC 7616 §3), keys of SDP (RFC 4568 §9.1, RFC 8839 §5.4) and what programs call their secrets; schemes with what follows them.
    [GeneratedRegex(
        """\b(?:(?<name>c?nonce|opaque|response(?=\s*=)|rspauth|pass(?:word|wd)?|pwd|secret|[a-z_-]*token|[a-z_-]*key|auth|inline|ice-(?:pwd|ufrag))\s*[=:]\s*|(?<name>basic|bearer|digest)\s+)(?:"[^"]*"?|[^\s;,"]+)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secret();
}
