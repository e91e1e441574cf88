namespace CloudPbx.Sip.Dialogs;

/// <summary>The state of a dialog (RFC 3261 §12): plain text and numbers, so that it can be stored and the dialog restored elsewhere.</summary>
public sealed record DialogState
{
    /// <summary>Gets the Call-ID.</summary>
    public required string CallId { get; init; }

    /// <summary>Gets our tag.</summary>
    public required string LocalTag { get; init; }

    /// <summary>Gets the peer's tag; empty if it gave none (§12.1.1, I24).</summary>
    public required string RemoteTag { get; init; }

    /// <summary>Gets our From or To value without tag, as it is written in our requests.</summary>
    public required string LocalAddress { get; init; }

    /// <summary>Gets the peer's From or To value without tag.</summary>
    public required string RemoteAddress { get; init; }

    /// <summary>Gets our Contact value.</summary>
    public required string LocalContact { get; init; }

    /// <summary>Gets the remote target: the URI of the peer's Contact.</summary>
    public required string RemoteTarget { get; init; }

    /// <summary>Gets the route set, first hop first; each value as <c>&lt;sip:…&gt;</c> with its parameters.</summary>
    public IReadOnlyList<string> RouteSet { get; init; } = [];

    /// <summary>Gets the CSeq number of our last request in the dialog.</summary>
    public uint LocalCSeq { get; init; }

    /// <summary>Gets the CSeq number of the peer's last request; <see langword="null"/> before the first.</summary>
    public uint? RemoteCSeq { get; init; }

    /// <summary>Gets the CSeq number of the INVITE that made the dialog; its ACK carries it.</summary>
    public uint InviteCSeq { get; init; }

    /// <summary>Gets whether we sent the INVITE that made the dialog (then the Call-ID is ours; §14.1's back-off depends on it).</summary>
    public bool IsCaller { get; init; }

    /// <summary>Gets whether a 2xx confirmed the dialog; before that it is early.</summary>
    public bool IsConfirmed { get; init; }

    /// <summary>Gets whether the peer's Allow names UPDATE (RFC 3311 §4), as it said it last.</summary>
    public bool PeerTakesUpdate { get; init; }

    /// <summary>Gets the session timer in force, or <see langword="null"/>.</summary>
    public SessionTimer? SessionTimer { get; init; }

    /// <summary>The same dialog for an owner that cannot know which requests the one before sent last: our next CSeq number leaves room for a hundred (RFC 3261 §12.2.1.1 wants it to rise, not by how much).</summary>
    /// <returns>The state to go on with.</returns>
    public DialogState AfterLoss() => this with { LocalCSeq = LocalCSeq + 100 };

    /// <summary>Gets the secure flag: the INVITE came or went by TLS with a sips Request-URI (§12.1).</summary>
    public bool IsSecure { get; init; }
}
