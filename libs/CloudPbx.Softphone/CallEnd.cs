namespace CloudPbx.Softphone;

/// <summary>How a call ended.</summary>
/// <param name="StatusCode">200 for one that was answered, else the final status code.</param>
/// <param name="By">Who ended it.</param>
/// <param name="Reason">The Reason header field's value of the last message (RFC 3326), or <see langword="null"/>.</param>
public sealed record CallEnd(int StatusCode, CallEndedBy By, string? Reason);

/// <summary>Who ended a call.</summary>
public enum CallEndedBy
{
    /// <summary>This phone.</summary>
    Here,

    /// <summary>The other side.</summary>
    Peer,

    /// <summary>Nobody: a time-out.</summary>
    Failure,
}
