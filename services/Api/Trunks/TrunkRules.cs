using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using CloudPbx.Api.Bodies;
using CloudPbx.Contracts.Trunks;

namespace CloudPbx.Api.Trunks;

/// <summary>What the texts of trunks, numbers and routes must look like. Each rule gives what is wrong and what to write instead, or null.</summary>
internal static partial class TrunkRules
{
    /// <summary>Codecs that may be offered to a carrier: those that we transcode, and those that pass through.</summary>
    private static readonly string[] s_codecs = ["PCMA", "PCMU", "G722", "opus", "G729", "iLBC", "GSM", "AMR", "AMR-WB"];

    private static readonly string[] s_placeholders = ["{caller}", "{account}", "{extension}", "{server}", "{domain}"];

    // RFC 3261 §25.1 user, unescaped, without what would end it; and @ for accounts that carriers give as addresses.
    private static readonly SearchValues<char> s_user = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()&=+$,/@");

    public static string? Name(string text) => Rules.DeviceName(text);

    public static string? Host(string text) =>
        Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6 && !text.StartsWith('[') && text.Length <= 253
            ? null
            : "Must be a host name or an address, without scheme and port, for example \"sip.carrier.example\".";

    public static string? CertificateName(string text) =>
        Uri.CheckHostName(text) is UriHostNameType.Dns && text.Length <= 253 ? null : "Must be a host name that one of the edge's certificates is for, for example \"sbc.example.com\".";

    public static string? User(string text) =>
        text.Length is >= 1 and <= 128 && !text.AsSpan().ContainsAnyExcept(s_user) ? null : "Must be 1 to 128 letters, digits and signs as in a SIP address, without spaces.";

    public static string? Password(string text) =>
        text.Length is < 1 or > 256 ? "Must be the carrier's password, 1 to 256 characters." : text.Any(char.IsControl) ? "Must not contain control characters." : null;

    public static string? Profile(string text) =>
        TrunkProfiles.Find(text) is not null ? null : $"Must be one of {Quoted(TrunkProfiles.All.Select(profile => profile.Name))}.";

    public static string? ProfileName(string text) =>
        Rules.DeviceName(text) ?? (TrunkProfiles.Find(text) is null ? null : "Is the name of a shipped profile, which stays as it is: choose another, and say \"basedOn\" where yours starts from it.");

    public static string? UriParameters(string text) =>
        text.Length <= 128 && Parameters().IsMatch(text)
            ? null
            : "Must be parameters as they stand in a URI, for example \"user=phone\" or \"user=phone;tgrp=7\", without a semicolon at the begin; empty for none.";

    public static string? Template(string text)
    {
        if (text.Length > 128)
            return "Must not be longer than 128 characters.";
        string rest = s_placeholders.Aggregate(text, (left, placeholder) => left.Replace(placeholder, "", StringComparison.Ordinal));
        return rest.AsSpan().ContainsAnyExcept(s_user) ? $"Must be letters, digits and signs as in a SIP address, with {string.Join(", ", s_placeholders)} for what differs; empty: not sent." : null;
    }

    public static string? Codec(string text) => s_codecs.Contains(text) ? null : $"Must be one of {Quoted(s_codecs)}.";

    public static string? Source(string text) =>
        CertificateSource.Is(text) ? CertificateSource.Normalize(text) is null ? "Must be a client certificate by name, for example \"tls:sbc.carrier.example\", or \"sha256:\" and its fingerprint, 64 hexadecimal digits." : null
        : NormalizeSource(text) is not { } network ? "Must be an address or a network, for example \"192.0.2.7\", \"192.0.2.0/24\" or \"2001:db8::/32\"."
        : network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 8 : 16) ? "Is too wide: it would take strangers for the carrier. An IPv4 network has at least /8, an IPv6 network /16."
        : null;

    /// <summary>Gives a network in its canonical form, host bits cleared, or null.</summary>
    public static IPNetwork? NormalizeSource(string text)
    {
        string[] parts = text.Split('/');
        if (parts.Length > 2 || !IPAddress.TryParse(parts[0], out IPAddress? address) || address.ScopeId() != 0)
            return null;
        if (address.AddressFamily == AddressFamily.InterNetwork && parts[0].Count(c => c == '.') != 3)
            return null;                                                                // "10.1" is an address to the parser
        int most = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        int length = most;
        if (parts.Length == 2 && (!int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out length) || length > most))
            return null;
        byte[] octets = address.GetAddressBytes();
        for (int bit = length; bit < most; bit++)
            octets[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        return new IPNetwork(new IPAddress(octets), length);
    }

    public static string? Number(string text) =>
        E164().IsMatch(text) ? null : "Must be a number in E.164: a plus and 2 to 15 digits, for example \"+861012345678\".";

    public static string? RoutePrefix(string text) => Prefixes().IsMatch(text) ? null : "Must be up to 15 digits, with a plus before them or not; empty: every number.";

    public static string? TestNumber(string text) =>
        text.Length <= 32 && RewritePrefixes().IsMatch(text) && text.Any(char.IsAsciiDigit) ? null : "Must be a number in the carrier's form: up to 32 digits, with a plus before them or not.";

    public static string? RatePrefix(string text) => RateTable.IsPrefix(text) ? null : "Must be a plus and up to 15 digits, for example \"+49\"; empty: every number.";

    public static string? OutsidePrefix(string text) =>
        text.Length <= 4 && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : "Must be up to 4 digits, for example \"9\"; empty: numbers outside are dialled as they are.";

    public static string? EmergencyNumber(string text) =>
        text.Length is >= 2 and <= 8 && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : "Must be 2 to 8 digits, for example \"112\".";

    public static string? ExtensionPrefix(string text) =>
        text.Length is >= 1 and <= 8 && !text.AsSpan().ContainsAnyExceptInRange('0', '9') ? null : "Must be an extension, or the digits that extensions begin with.";

    public static string? Country(string text) => text.Length == 2 && text.All(char.IsAsciiLetterUpper) ? null : "Must be a country's two capital letters (ISO 3166-1), for example \"CN\".";

    public static string? AllowedCountry(string text) =>
        text == "001" || Country(text) is null ? null : "Must be a country's two capital letters (ISO 3166-1), for example \"CN\", or \"001\" for networks of no country, satellites above all.";

    public static string? FailoverCause(string text) => FailoverCauses.IsValid(text) ? null : "Must be a status from 300 to 699 or one of \"3xx\", \"4xx\", \"5xx\", \"6xx\".";

    public static string? RewritePrefix(string text) => RewritePrefixes().IsMatch(text) ? null : "Must be up to 32 digits, with a plus before them or not; empty: every number.";

    public static string? RewritePattern(string text) => text.Length is >= 1 and <= 128 ? null : "Must be a regular expression of 1 to 128 characters.";

    public static string? Replacement(string text) => text.Length <= 64 && !text.Any(char.IsControl) ? null : "Must be up to 64 characters.";

    public static string Quoted(IEnumerable<string> words) => string.Join(", ", words.Select(word => $"\"{word}\""));

    private static long ScopeId(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? address.ScopeId : 0;

    [GeneratedRegex(@"^([A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+(=[A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+)?(;[A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+(=[A-Za-z0-9\-_.!~*'()\[\]/:&+$%]+)?)*)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Parameters();

    [GeneratedRegex(@"^\+[1-9][0-9]{1,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex E164();

    [GeneratedRegex(@"^\+?[0-9]{0,15}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Prefixes();

    [GeneratedRegex(@"^\+?[0-9*#]{0,32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RewritePrefixes();
}
