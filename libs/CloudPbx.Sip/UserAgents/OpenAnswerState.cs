namespace CloudPbx.Sip.UserAgents;

/// <summary>A 2xx of ours that waits for its ACK (RFC 3261 §13.3.1.4).</summary>
public sealed record OpenAnswerState
{
    /// <summary>Gets the INVITE or re-INVITE as it was received.</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }

    /// <summary>Gets the 2xx.</summary>
    public required ReadOnlyMemory<byte> Response { get; init; }

    /// <summary>Gets whether the 2xx has our offer, so that the ACK brings the answer.</summary>
    public bool Offers { get; init; }

    /// <summary>Gets whether it answers the INVITE that made the dialog.</summary>
    public bool IsFirst { get; init; }
}
