namespace CloudPbx.Portal.Phones;

/// <summary>How the phone in the browser stands, as its script tells at each change.</summary>
/// <param name="Registration"><c>off</c>, <c>connecting</c>, <c>registered</c>, <c>refused</c>, <c>away</c> or <c>elsewhere</c>.</param>
/// <param name="Reason">The registrar's words, where it refused.</param>
/// <param name="Number">The extension that it is a phone of.</param>
/// <param name="Call">The call, of two the one in front; <see langword="null"/>: none.</param>
/// <param name="Microphone"><c>unknown</c>, <c>granted</c>, <c>refused</c>, <c>missing</c>, <c>taken</c> or <c>unsupported</c>.</param>
/// <param name="Microphones">Those that there are.</param>
/// <param name="Chosen">The chosen one's identifier; <see langword="null"/>: the browser's own choice.</param>
/// <param name="ClearVoice">Whether echo, noise and loudness are mended.</param>
/// <param name="Trying">Whether the microphone is open for the person to see its level.</param>
/// <param name="Notifications"><c>default</c>, <c>granted</c>, <c>denied</c> or <c>unsupported</c>.</param>
/// <param name="Other">A second call: somebody who waits, or is held.</param>
/// <param name="Last">A call that is over while another goes on; told for some seconds.</param>
public sealed record BrowserPhoneState(
    string Registration, string? Reason, string? Number, BrowserPhoneCall? Call, string Microphone, IReadOnlyList<BrowserMicrophone> Microphones, string? Chosen, bool ClearVoice, bool Trying,
    string Notifications, BrowserPhoneCall? Other = null, BrowserPhoneCall? Last = null)
{
    /// <summary>Before the script has told anything.</summary>
    public static BrowserPhoneState Off { get; } = new("off", null, null, null, "unknown", [], null, true, false, "default");

    /// <summary>Whether it is on, or tries to be.</summary>
    public bool IsOn => Registration is not ("off" or "elsewhere");
}
