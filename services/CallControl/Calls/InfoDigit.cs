using System.Globalization;
using System.Text;
using CloudPbx.Sip.UserAgents;

namespace CloudPbx.CallControl.Calls;

/// <summary>A key in the body of an INFO: <c>application/dtmf-relay</c> ("Signal=5") or <c>application/dtmf</c> ("5"), which no RFC describes and phones send all the same.</summary>
internal static class InfoDigit
{
    /// <summary>How long a key is pressed, where nobody told.</summary>
    public const int UsualMilliseconds = 160;

    private const int MaxLength = 256;
    private const int ShortestMilliseconds = 100;                 // what every receiver takes for a key
    private const int LongestMilliseconds = 5000;
    private const string Digits = "0123456789*#ABCD";

    /// <summary>Reads the key.</summary>
    /// <param name="body">The body of an INFO.</param>
    /// <returns>The digit; null where the body is none.</returns>
    public static char? Of(MessageBody body)
    {
        string type = body.ContentType.Split(';')[0].Trim();
        if (body.Octets.Length > MaxLength)
            return null;
        if (type.Equals("application/dtmf", StringComparison.OrdinalIgnoreCase))
            return Digit(body.Text);
        if (!type.Equals("application/dtmf-relay", StringComparison.OrdinalIgnoreCase))
            return null;
        foreach (string line in body.Text.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && line[..equals].Trim().Equals("Signal", StringComparison.OrdinalIgnoreCase))
                return Digit(line[(equals + 1)..]);
        }
        return null;
    }

    /// <summary>Writes a key as <c>application/dtmf-relay</c>, which most carriers that want INFO mean by it.</summary>
    /// <param name="digit">The digit.</param>
    /// <param name="milliseconds">How long it was pressed.</param>
    public static MessageBody Write(char digit, int milliseconds) => new(
        "application/dtmf-relay", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Signal={digit}\r\nDuration={Math.Clamp(milliseconds, ShortestMilliseconds, LongestMilliseconds)}\r\n")));

    // Some write the event's number: 10 for the star, 11 for the hash key.
    private static char? Digit(string text) => text.Trim().ToUpperInvariant() switch
    {
        "10" => '*',
        "11" => '#',
        [var digit] when Digits.Contains(digit, StringComparison.Ordinal) => digit,
        _ => null,
    };
}
