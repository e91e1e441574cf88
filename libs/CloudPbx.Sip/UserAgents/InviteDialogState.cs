using CloudPbx.Sip.Dialogs;

namespace CloudPbx.Sip.UserAgents;

/// <summary>An answered call's dialog, to be stored and taken over elsewhere.</summary>
public sealed record InviteDialogState
{
    /// <summary>Gets the dialog.</summary>
    public required DialogState Dialog { get; init; }

    /// <summary>Gets the 2xx of ours that waits for its ACK, or <see langword="null"/>.</summary>
    public OpenAnswerState? OpenAnswer { get; init; }
}
