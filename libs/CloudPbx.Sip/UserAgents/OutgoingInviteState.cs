namespace CloudPbx.Sip.UserAgents;

/// <summary>An INVITE of ours that waits for its final response, to be stored and taken over elsewhere.</summary>
public sealed record OutgoingInviteState
{
    /// <summary>Gets the INVITE as it was sent last, our Via included.</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }

    /// <summary>Gets whether a provisional response came: then it is repeated no more and may be cancelled (RFC 3261 §9.1).</summary>
    public bool IsProceeding { get; init; }

    /// <summary>Gets whether we gave it up.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>Gets the value of Reason that its CANCEL or BYE carries, or <see langword="null"/>.</summary>
    public string? CancelReason { get; init; }

    /// <summary>Gets whether provisional responses are reliable, as it stands after what the callee refused.</summary>
    public ReliablePolicy Reliable { get; init; }

    /// <summary>Gets whether the call gets a session timer.</summary>
    public SessionTimerPolicy Timer { get; init; }

    /// <summary>Gets the early dialogs in which something was acknowledged or offered: their CSeq numbers have moved on.</summary>
    public IReadOnlyList<EarlyDialogState> EarlyDialogs { get; init; } = [];
}
