namespace CloudPbx.Sip.UserAgents;

/// <summary>Whether a leg has a session timer (RFC 4028).</summary>
public enum SessionTimerPolicy
{
    /// <summary>Where the peer asks for one.</summary>
    Accept,

    /// <summary>Always: we ask for one, and refresh for a peer that does not know it.</summary>
    Ask,

    /// <summary>We do not name the extension. A peer that brings its timer in all the same gets its way (I13).</summary>
    Off,

    /// <summary>Always, as <see cref="Ask"/>, and we call nobody who does not know the extension: <c>Require: timer</c>. For who calls us and does not know it we refresh.</summary>
    Require,
}
