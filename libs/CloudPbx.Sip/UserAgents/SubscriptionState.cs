using CloudPbx.Sip.Dialogs;

namespace CloudPbx.Sip.UserAgents;

/// <summary>The state of a notifier's subscription: plain text and numbers, so that it can be stored and the subscription restored elsewhere.</summary>
public sealed record SubscriptionState
{
    /// <summary>Gets the dialog.</summary>
    public required DialogState Dialog { get; init; }

    /// <summary>Gets the Event value.</summary>
    public required string Event { get; init; }

    /// <summary>Gets the number of the next document.</summary>
    public required uint Version { get; init; }

    /// <summary>Gets when it ends unless it is refreshed, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>The same for an owner that cannot know which NOTIFYs the one before sent last: neither CSeq nor version may go back (I69, Polycom).</summary>
    /// <returns>The state to go on with.</returns>
    public SubscriptionState AfterLoss() => this with { Dialog = Dialog.AfterLoss(), Version = Version + 100 };
}
