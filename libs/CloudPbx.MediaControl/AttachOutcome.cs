namespace CloudPbx.MediaControl;

/// <summary>What became of <see cref="IMediaNode.AttachAsync"/>.</summary>
public enum AttachOutcome
{
    /// <summary>The session is ours.</summary>
    Attached,

    /// <summary>The node does not have the session: it was restarted, or the session ended.</summary>
    Unknown,

    /// <summary>A newer owner has taken the session.</summary>
    Stale,

    /// <summary>The node is away or did not answer in time.</summary>
    Away,
}
