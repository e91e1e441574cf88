namespace CloudPbx.CallControl.Calls;

/// <summary>What is known of phones by their User-Agent. Only for what no header field tells.</summary>
internal static class PhoneHabits
{
    /// <summary>GNOME Calls sends 100 Trying and then nothing until its user accepts: its 100 means that it rings.</summary>
    public static bool RingsSilently(string? userAgent) =>
        userAgent is not null && userAgent.StartsWith("calls ", StringComparison.OrdinalIgnoreCase)
        && userAgent.Contains("sofia-sip", StringComparison.OrdinalIgnoreCase);
}
