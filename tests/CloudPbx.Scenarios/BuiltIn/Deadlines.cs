namespace CloudPbx.Scenarios.BuiltIn;

/// <summary>How long a scenario waits for an event before it fails; generous, because machines are slow when they are busy.</summary>
internal static class Deadlines
{
    public static readonly TimeSpan Signalling = TimeSpan.FromSeconds(20);

    /// <summary>Until another worker answers for a dead one's tenants.</summary>
    public static readonly TimeSpan Takeover = TimeSpan.FromSeconds(60);

    public static CancellationToken Media => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;
}
