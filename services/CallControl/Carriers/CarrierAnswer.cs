using System.Globalization;
using CloudPbx.CallControl.Ladders;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Carriers;

/// <summary>What a carrier's refusal becomes for the caller.</summary>
internal static class CarrierAnswer
{
    /// <summary>The status for the caller: the carrier's own, but for what is between the carrier and us.</summary>
    /// <param name="status">The carrier's final status; 0 where it could not be reached.</param>
    public static int ForCaller(int status) => status switch
    {
        0 or 430 or 503 => 500,                                   // RFC 3261 §16.7: a 503 would make the caller give this server up
        401 or 407 => 500,                                        // our account was refused, not the caller
        408 => 504,
        < 400 => 480,                                             // a redirection is not followed
        415 or 606 => 488,                                        // the offer was ours
        481 or 487 => 480,
        _ => status,
    };

    /// <summary>The seconds of a response's Retry-After (RFC 3261 §20.33); null where there are none.</summary>
    public static TimeSpan? RetryAfterOf(SipResponse response)
    {
        string? after = response.Headers.Get(SipHeaderName.RetryAfter)?.Split(';', '(', ' ')[0];
        return uint.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out uint seconds) ? TimeSpan.FromSeconds(seconds) : null;
    }

    /// <summary>What a refusal says in words, fit to be kept: the phrase, Reason (RFC 3326) and Warning (§20.43) where it has them, and to where it sends us, where it does.</summary>
    public static string WordsOf(SipResponse response)
    {
        string? phrase = LadderTexts.Take(response.ReasonPhrase);
        string words = string.IsNullOrEmpty(phrase) ? SipReasonPhrases.Of(response.StatusCode) : phrase;
        foreach (SipHeaderName name in (ReadOnlySpan<SipHeaderName>)[SipHeaderName.Reason, SipHeaderName.Warning, SipHeaderName.Contact])
            if ((name != SipHeaderName.Contact || response.StatusCode < 400) && LadderTexts.Take(response.Headers.Get(name)) is { Length: > 0 } more)
                words += $"; {name}: {more}";
        return words;
    }

    /// <summary>Whether another server of the same carrier is worth trying (RFC 3263 §4.3).</summary>
    public static bool IsServerFailure(int status) => status is 0 or 408 or 430 or 503;
}
