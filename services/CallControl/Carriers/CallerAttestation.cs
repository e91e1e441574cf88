using System.Buffers.Text;
using System.Text.Json;
using CloudPbx.Sip.Messages;

namespace CloudPbx.CallControl.Carriers;

/// <summary>
/// What a carrier's INVITE says about whether the caller may show its number: the attestation in its Identity header field (RFC 8224, RFC 8588 §4), and what the carrier found when it verified
/// one (<c>verstat</c>, 3GPP TS 24.229 §7.2A.20). Read out and shown; who calls is not decided by it.
/// </summary>
/// <remarks>
/// The carrier's word, not a check of ours: the trunk is trusted for what it asserts (RFC 3325 §5). The field itself is signed for a called number and a caller (RFC 8224 §4), and both change where
/// a call leaves by another trunk: that takes a PASSporT of kind <c>div</c> (RFC 8946), with a key that the carrier has. So it is passed on only where the caller's number is, too (I12).
/// </remarks>
internal static class CallerAttestation
{
    private const int LongestField = 4096;
    private const int MostFields = 4;
    private const int LongestWord = 48;

    /// <summary>Reads an INVITE that came from where a carrier is trusted.</summary>
    /// <returns>For example <c>attest=A; verstat=TN-Validation-Passed</c>; null where it says nothing. Never throws.</returns>
    public static string? Of(SipRequest invite)
    {
        List<string> words = [];
        foreach (string field in invite.Headers.GetAll(SipHeaderName.Identity).Take(MostFields))
            if (AttestationIn(field) is { } attestation && !words.Contains(attestation))
                words.Add(attestation);
        foreach (string field in invite.Headers.GetValues(SipHeaderName.PAssertedIdentity).Take(MostFields).Append(invite.From.ToString()))
        {
            if (!NameAddress.TryParse(field, out NameAddress? address) || VerdictIn(address) is not { } verdict)
                continue;
            words.Add("verstat=" + verdict);
            break;
        }
        return words.Count == 0 ? null : string.Join("; ", words);
    }

    /// <summary>The Identity header fields of an INVITE that came from where a carrier is trusted, as they are; what is too long for one or more than a few is left out.</summary>
    public static IReadOnlyList<string> FieldsOf(SipRequest invite) => [.. invite.Headers.GetAll(SipHeaderName.Identity).Where(field => field.Length <= LongestField).Take(MostFields)];

    // Beside sip the parameter stands in the user part, as of a telephone number, or behind the host: carriers do both.
    private static string? VerdictIn(NameAddress address)
    {
        string? verdict = address.Uri.Parameters["verstat"];
        if (verdict is null && address.Uri.User?.Split(';').FirstOrDefault(part => part.StartsWith("verstat=", StringComparison.OrdinalIgnoreCase)) is { } part)
            verdict = part["verstat=".Length..];
        return IsWord(verdict) ? verdict : null;
    }

    // RFC 8225 §3: header "." payload "." signature; in the compact form (§7) the first two are empty, and nothing is said that From does not say.
    private static string? AttestationIn(string field)
    {
        string token = field.Split(';', 2)[0].Trim();
        if (token.Length > LongestField || token.Split('.') is not [_, { Length: > 0 } payload, _] || !Base64Url.IsValid(payload))
            return null;
        try
        {
            using JsonDocument claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind == JsonValueKind.Object && claims.RootElement.TryGetProperty("attest", out JsonElement attest) && attest.ValueKind == JsonValueKind.String
                && IsWord(attest.GetString()) ? "attest=" + attest.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException)
        {
            return null;                                          // a string of half a surrogate pair
        }
    }

    private static bool IsWord(string? text) => text is { Length: > 0 and <= LongestWord } && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
