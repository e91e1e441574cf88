using System.Globalization;
using CloudPbx.Contracts.Text;
using CloudPbx.Data.Devices;
using CloudPbx.Data.Numbering;

namespace CloudPbx.Api.Extensions;

/// <summary>Extensions as rows of a spreadsheet: one for each phone. What is written can be read again; passwords are not written.</summary>
internal static class ExtensionCsv
{
    /// <summary>What the column <c>device</c> says where there is no phone.</summary>
    public const string NoDevice = "none";

    public static readonly IReadOnlyList<string> Columns = 
    [
        "number", "displayName", "ringSeconds", "recording", "device", "authUser", "secret", "encryption", "digestSha256",
        "forwardAlways", "forwardBusy", "forwardNoAnswer", "forwardUnreachable", "forwardDeclined", "codecs", "extensionEncryption", "recordingNotice",
        "maxOutsideCalls", "outsideMinutesPerDay", "microUnitsPerDay", "maxCallsAbroad",
    ];

    public static string Heading => string.Join(',', Columns);

    /// <summary>Makes of a row what a document has: an extension with one phone, or with none where the column <c>device</c> says so.</summary>
    public static object ToElement(Func<string, string?> column)
    {
        Dictionary<string, object?> device = new()
        {
            ["name"] = column("device"), ["authUser"] = column("authUser"), ["secret"] = column("secret"), ["encryption"] = column("encryption"), ["digestSha256"] = Boolean(column("digestSha256")),
        };
        return new Dictionary<string, object?>
        {
            ["number"] = column("number"), ["displayName"] = column("displayName"), ["ringSeconds"] = Number(column("ringSeconds")), ["recording"] = column("recording"),
            ["forwards"] = new Dictionary<string, object?>
            {
                ["always"] = column("forwardAlways"), ["busy"] = column("forwardBusy"), ["noAnswer"] = column("forwardNoAnswer"), ["unreachable"] = column("forwardUnreachable"), ["declined"] = column("forwardDeclined"),
            },
            ["codecs"] = column("codecs")?.Split(' ', StringSplitOptions.RemoveEmptyEntries), ["encryption"] = column("extensionEncryption"), ["recordingNotice"] = column("recordingNotice"),
            ["limits"] = new Dictionary<string, object?>
            {
                ["maxOutsideCalls"] = Number(column("maxOutsideCalls")), ["outsideMinutesPerDay"] = Number(column("outsideMinutesPerDay")), ["microUnitsPerDay"] = Number(column("microUnitsPerDay")),
                ["maxCallsAbroad"] = Number(column("maxCallsAbroad")),
            },
            ["devices"] = NoDevice.Equals(column("device"), StringComparison.OrdinalIgnoreCase) ? Array.Empty<object>() : new[] { device },
        };
    }

    public static string Line(Extension extension, Device? device) => CsvText.Line(
        extension.Number, extension.DisplayName, Text(extension.RingSeconds), Name(extension.Recording),
        device?.Name ?? NoDevice, device?.AuthUser, null, device is null ? null : Name(device.Encryption), device is null ? null : device.DigestSha256 ? "true" : "false",
        extension.Forwards?.Always, extension.Forwards?.Busy, extension.Forwards?.NoAnswer, extension.Forwards?.Unreachable, extension.Forwards?.Declined,
        extension.Codecs is { } codecs ? string.Join(' ', codecs) : null, extension.Encryption is { } encryption ? Name(encryption) : null, extension.RecordingNotice is { } notice ? Name(notice) : null,
        Text(extension.Limits?.MaxOutsideCalls), Text(extension.Limits?.OutsideMinutesPerDay), Text(extension.Limits?.MicroUnitsPerDay), Text(extension.Limits?.MaxCallsAbroad));

    /// <summary>The column that a member of the element came from.</summary>
    /// <param name="path">Its path in the element, as in <c>$.devices[0].authUser</c>.</param>
    public static string ColumnOf(string path) => path switch
    {
        "$.devices[0].name" => "device",
        "$.encryption" => "extensionEncryption",
        _ when path.StartsWith("$.forwards.", StringComparison.Ordinal) => "forward" + char.ToUpperInvariant(path[11]) + path[12..],
        _ when path.StartsWith("$.limits.", StringComparison.Ordinal) => path[9..],
        _ when path.StartsWith("$.codecs", StringComparison.Ordinal) => "codecs",
        _ => path.Replace("$.devices[0].", "", StringComparison.Ordinal).Replace("$.", "", StringComparison.Ordinal),
    };

    // What is no number stays a text, so that the reader says what a number is.
    private static object? Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : text;

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static object? Boolean(string? text) => bool.TryParse(text, out bool value) ? value : text;

    private static string Name<T>(T value)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName($"{value}");
}
