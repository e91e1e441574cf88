using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CloudPbx.Contracts.Ids;

namespace CloudPbx.Api.Bodies;

/// <summary>What texts must look like. Each rule gives what is wrong and what to write instead, or null.</summary>
internal static partial class Rules
{
    public const int LeastRingSeconds = 5;
    public const int MostRingSeconds = 300;
    public const int MostRecordingDays = 3650;
    public const string DefaultLanguage = "en";
    public const string DefaultDeviceName = "phone";

    private static readonly SearchValues<char> s_authUser = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_+");

    public static string? TenantName(string text) =>
        !TenantNames().IsMatch(text) ? "Must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, for example \"acme\"."
        : TenantId.TryParse(text, out _) ? "Looks like an identifier: choose a name that is not 32 hexadecimal digits."
        : null;

    public static string? PromptName(string text) =>
        TenantNames().IsMatch(text) ? null : "Must be 1 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, for example \"jazz\".";

    public static string? Language(string text) =>
        text.Length <= 35 && Languages().IsMatch(text) ? null : "Must be a language tag such as \"en\" or \"zh-CN\".";

    public static string? ExtensionNumber(string text) =>
        text.Length is >= 2 and <= 8 && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : "Must be 2 to 8 digits, for example \"100\".";

    /// <summary>What somebody may dial: digits, a leading plus, star and hash.</summary>
    public static string? Dialled(string text) => Diallable().IsMatch(text) ? null : "Must be 1 to 32 digits, '*' and '#', with '+' at the beginning if at all.";

    public static string? Pin(string text) =>
        text.Length is >= 4 and <= 12 && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : "Must be 4 to 12 digits, for example \"4711\".";

    /// <summary>Where people find help; shown as it is.</summary>
    public static string? Support(string text) => Label(text, 200);

    public static string? DisplayName(string text) => Label(text, 128);

    /// <summary>A mail address: one @ between a local part of the usual characters and a domain. Nothing that a header or a second recipient could hide in.</summary>
    public static string? Email(string text)
    {
        int at = text.LastIndexOf('@');
        return text.Length is >= 3 and <= 254 && at is > 0 and <= 64 && LocalParts().IsMatch(text[..at]) && NormalizeDomain(text[(at + 1)..]) is not null
            ? null : "Must be a mail address such as \"alice@example.com\".";
    }

    public static string? DeviceName(string text) => Label(text, 64);

    public static string? AuthUser(string text) =>
        text.Length is >= 1 and <= 64 && !text.AsSpan().ContainsAnyExcept(s_authUser) ? null : "Must be 1 to 64 of letters, digits, '.', '-', '_' and '+'.";

    public static string? Secret(string text) =>
        text.Length is < 8 or > 128 ? "Must be 8 to 128 characters; leave it out and a good one is generated."
        : text.Any(char.IsControl) ? "Must not contain control characters."
        : null;

    public static string? Domain(string text) =>
        IPAddress.TryParse(text.Trim('[', ']'), out _) ? "Must be a domain name: requests to an address go to the default tenant."
        : NormalizeDomain(text) is null ? "Must be a domain name such as \"acme.example\", without scheme and port."
        : null;

    /// <summary>Gives a domain in lower case and with A-labels (RFC 5890), or null where it is none.</summary>
    public static string? NormalizeDomain(string text)
    {
        try
        {
            string ascii = new IdnMapping { UseStd3AsciiRules = true }.GetAscii(text.TrimEnd('.')).ToLowerInvariant();
            return ascii.Length <= 253 && Domains().IsMatch(ascii) ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string? Label(string text, int most) =>
        text.Length == 0 || text.Length > most || string.IsNullOrWhiteSpace(text) ? $"Must be 1 to {most} characters, not only spaces."
        : text.Any(char.IsControl) ? "Must not contain control characters."
        : null;

    [GeneratedRegex("^\\+?[0-9*#]{1,32}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Diallable();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex TenantNames();

    [GeneratedRegex("^[\\p{L}\\p{N}!#$%&'*+/=?^_`{|}~.-]+\\z", RegexOptions.CultureInvariant)]
    private static partial Regex LocalParts();

    [GeneratedRegex("^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Languages();

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Domains();
}
