using System.Text;

namespace CloudPbx.Sip.Messages;

/// <summary>The emergency service that a Request-URI may name in place of a number: <c>urn:service:sos</c> and its sub-services (RFC 5031 §4.2).</summary>
internal static class EmergencyService
{
    // What we keep and show of one, in octets. The registered ones are half of it.
    private const int Longest = 64;

    private static ReadOnlySpan<byte> Name => "urn:service:sos"u8;

    /// <summary>Whether a URI names one, in whatever case (§3).</summary>
    /// <param name="uri">The URI.</param>
    /// <remarks>Whatever follows the name is let pass as long as no letter, digit or hyphen makes it another one: who calls for help is not told about grammar.</remarks>
    public static bool IsIn(ReadOnlySpan<byte> uri) =>
        uri.Length >= Name.Length && SipAscii.EqualsIgnoreCase(uri[..Name.Length], Name) && (uri.Length == Name.Length || !IsOfLabel(uri[Name.Length]));

    /// <summary>The service by its name alone, in small letters.</summary>
    /// <param name="uri">The URI.</param>
    /// <returns>The name, or null where there is none. Labels that are none, or too many, are left out: without its last ones a name stands for the more general service (§3).</returns>
    public static string? Read(ReadOnlySpan<byte> uri)
    {
        if (!IsIn(uri))
            return null;
        int end = Name.Length;
        while (end < uri.Length && uri[end] == (byte)'.')
        {
            int next = end + 1;
            while (next < uri.Length && IsOfLabel(uri[next]))
                next++;
            if (next == end + 1 || next > Longest)
                break;
            end = next;
        }
        return Encoding.ASCII.GetString(uri[..end]).ToLowerInvariant();
    }

    private static bool IsOfLabel(byte octet) => char.IsAsciiLetterOrDigit((char)octet) || octet == (byte)'-';
}
