namespace CloudPbx.Sip.UserAgents;

/// <summary>Whether provisional responses of a leg are reliable (RFC 3262). It ends at each leg (INTEROP I5).</summary>
public enum ReliablePolicy
{
    /// <summary>As soon as it helps: we offer <c>100rel</c> and acknowledge what comes so; to a caller that supports it our early media are sent reliably, to one that requires it everything.</summary>
    Supported,

    /// <summary>Never: our INVITE does not name <c>100rel</c>, a caller that requires it gets 420.</summary>
    Off,

    /// <summary>Always: our INVITE requires it, a caller that does not support it gets 421.</summary>
    Required,

    /// <summary>As <see cref="Supported"/>; and where the peer turns out not to cope, the same call goes on, or is tried again, without it.</summary>
    Auto,
}
