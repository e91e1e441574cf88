using CloudPbx.Contracts.Ids;

namespace CloudPbx.MediaControl;

/// <summary>How a leg takes part in a conference.</summary>
public sealed record ConferencePlace
{
    /// <summary>Which; the node makes it with its first party and forgets it with its last.</summary>
    public required ConferenceId Conference { get; init; }

    /// <summary>Hears but is not heard.</summary>
    public bool IsMuted { get; init; }

    /// <summary>The others hear by a short tone that it comes, and that it leaves.</summary>
    public bool Signals { get; init; }
}
