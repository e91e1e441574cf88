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
}
