namespace CloudPbx.Api;

/// <summary>Text that strangers wrote into SIP messages.</summary>
internal static class StrangersText
{
    /// <summary>The text without control characters: a terminal that prints it must not obey a phone (S22).</summary>
    public static string? WithoutControls(string? text) =>
        text is null || !text.Any(char.IsControl) ? text : string.Concat(text.Where(c => !char.IsControl(c)));
}
