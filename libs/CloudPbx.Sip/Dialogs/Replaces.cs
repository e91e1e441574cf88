namespace CloudPbx.Sip.Dialogs;

/// <summary>The Replaces header field (RFC 3891 §6.1): a dialog as its recipient knows it.</summary>
/// <param name="CallId">The Call-ID.</param>
/// <param name="ToTag">The recipient's tag.</param>
/// <param name="FromTag">The other side's tag.</param>
/// <param name="EarlyOnly">Whether only a dialog that is not answered yet is meant.</param>
public sealed record Replaces(string CallId, string ToTag, string FromTag, bool EarlyOnly)
{
    /// <summary>What names no dialog: a value that could not be read.</summary>
    public static readonly Replaces Nobody = new("", "", "", false);

    /// <summary>Parses a value: <c>callid *(SEMI replaces-param)</c>, as a header field or, unescaped, as a header field of a URI.</summary>
    /// <param name="value">The value.</param>
    /// <returns>The value's parts; <see langword="null"/> where the Call-ID or a tag is missing. Never throws.</returns>
    public static Replaces? TryParse(string? value)
    {
        string[] parts = (value ?? "").Split(';', StringSplitOptions.TrimEntries);
        string? toTag = null, fromTag = null;
        bool earlyOnly = false;
        foreach (string part in parts.AsSpan(1))
        {
            if (part.StartsWith("to-tag=", StringComparison.OrdinalIgnoreCase))
                toTag ??= part[7..];
            else if (part.StartsWith("from-tag=", StringComparison.OrdinalIgnoreCase))
                fromTag ??= part[9..];
            else
                earlyOnly |= part.Equals("early-only", StringComparison.OrdinalIgnoreCase);
        }
        return parts[0].Length == 0 || toTag is null || fromTag is null ? null : new Replaces(parts[0], toTag, fromTag, earlyOnly);
    }

    /// <summary>Whether a dialog is the one that is meant. A tag of 0 stands for none (§6.1: RFC 2543 peers); some phones have the tags the wrong way round.</summary>
    /// <param name="dialog">A dialog at our end.</param>
    /// <returns>Whether Call-ID and both tags are its own.</returns>
    public bool Names(DialogId dialog) =>
        dialog.CallId == CallId && ((Same(ToTag, dialog.LocalTag) && Same(FromTag, dialog.RemoteTag)) || (Same(FromTag, dialog.LocalTag) && Same(ToTag, dialog.RemoteTag)));

    private static bool Same(string written, string tag) => written == tag || (written == "0" && tag.Length == 0);
}
