namespace CloudPbx.Sip.UserAgents;

/// <summary>An INVITE that waits for its answer, to be stored and taken over elsewhere: its transaction, and what the early dialog is made of.</summary>
public sealed record IncomingInviteState
{
    /// <summary>Gets the INVITE as it was received, all its Vias included.</summary>
    public required ReadOnlyMemory<byte> Request { get; init; }

    /// <summary>Gets our To tag.</summary>
    public required string LocalTag { get; init; }

    /// <summary>Gets our Contact value.</summary>
    public required string Contact { get; init; }

    /// <summary>Gets the last response; empty if there was none.</summary>
    public ReadOnlyMemory<byte> LastResponse { get; init; }
}
