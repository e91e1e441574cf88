using CloudPbx.Sip.Dialogs;

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

    /// <summary>Gets whether its provisional responses are reliable.</summary>
    public ReliablePolicy Reliable { get; init; }

    /// <summary>Gets whether the call gets a session timer.</summary>
    public SessionTimerPolicy Timer { get; init; }

    /// <summary>Gets the session interval that we ask for, in seconds.</summary>
    public uint SessionInterval { get; init; } = SessionTimer.Recommended;

    /// <summary>Gets when it is over without an answer (RFC 3261 §13.3.1); <see langword="null"/>: never.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>Gets the RSeq of the last reliable response; 0 before the first.</summary>
    public uint RSeq { get; init; }

    /// <summary>Gets the reliable response that waits for its PRACK; empty for none.</summary>
    public ReadOnlyMemory<byte> Unacknowledged { get; init; }

    /// <summary>Gets the reliable responses that wait for their turn, without RSeq.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Waiting { get; init; } = [];

    /// <summary>Gets where offer and answer stand; <see langword="null"/> where only the INVITE's own offer, if any, is open.</summary>
    public OfferState? Offers { get; init; }
}
